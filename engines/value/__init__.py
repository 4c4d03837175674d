"""What customers will be worth: purchases and money to come, from how often and how lately each has bought."""

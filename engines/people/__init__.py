"""People: finding a customer, what is known of one, and who looked."""

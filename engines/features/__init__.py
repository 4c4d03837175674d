"""Features: what is known of each person's behaviour as of a day, and nothing that came later."""

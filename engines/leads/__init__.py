"""Leads: how near people who have not bought yet, and businesses that might rent, are to doing it."""

"""Fraud: patterns that false receipts and false referrals leave, as cases that a person decides on."""

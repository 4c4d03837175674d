"""Recency, frequency and monetary value: who buys, how lately, how often and for how much."""

"""Footfall: who came through which gate, what nobody watched, and how many people are inside."""

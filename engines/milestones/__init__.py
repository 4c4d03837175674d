"""Milestones: what a customer reaches once, on the day it was reached."""

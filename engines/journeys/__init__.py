"""Journeys: the stage each person stands in, how they got there and where they go next."""

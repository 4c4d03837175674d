"""Zones: how long people stay, how they queue, where they go from one to the next, where on the floor they stand."""

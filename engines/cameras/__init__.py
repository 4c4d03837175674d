"""Cameras: what the site knows of each, how well it is, how exactly it counts, and what it may measure."""

"""Catchment: the areas that members come from, how much each brings, and how far away it is."""

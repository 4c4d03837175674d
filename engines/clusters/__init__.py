"""Clusters: groups of buyers found in the data where they are stable, and who is likely to move between groups."""

"""Age bands and gender as shares with their error: what was measured, how right the network is, and why no chart."""

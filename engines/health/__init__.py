"""Health: how well each buying customer does, whether that is rising or falling, and whom a desk should look at."""

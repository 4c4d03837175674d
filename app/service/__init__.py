"""The background service: jobs by the clock, cameras, and the one process that runs them for a site."""

"""Setting a site up: from IT's `site.toml` to a working site, and what is left to do before it goes live."""

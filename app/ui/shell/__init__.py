"""The window around the pages: navigation, header, command palette, first run."""

"""Sales as the pages read them: by tenant, category, day and hour."""

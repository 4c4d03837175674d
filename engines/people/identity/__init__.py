"""Who is who: pairs of records that may be one person, what a machine may decide of them, merges and their undoing."""

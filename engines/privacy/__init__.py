"""Privacy: people's requests under the law, what is held of them, erasures, and how long data stay."""

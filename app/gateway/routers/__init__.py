"""The gateway's addresses, a file a noun."""

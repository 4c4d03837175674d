"""Updates of the program: signed releases (TUF), staged beside the running version, switched to, and taken back."""

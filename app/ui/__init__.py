"""The desktop: the only room of Atrium that knows Qt."""

"""Alerts: things unusual enough that a person should look, each with its evidence."""

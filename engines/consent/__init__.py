"""Consent: who may be contacted, for which purpose and through which channel, and why not."""

"""Monitoring: what works on this machine and in this site, what does not, and what to do about it."""

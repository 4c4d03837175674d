"""Intake: files of any sender become rows of the store, once each, and can be taken back."""

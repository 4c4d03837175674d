"""Webhooks: other systems are told of alerts and changes, signed, once each, for as long as they can be reached."""

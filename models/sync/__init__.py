"""Sync: the node's side. Changes go up by `push`, come down by `pull`; `cycle.sync_once` does one round of both."""

"""Evaluation: what an occasion or campaign changed against its baseline, and whether quiet times do as much."""

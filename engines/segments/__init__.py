"""Segments: rules that say who belongs, kept true person by person as things happen, proven by a run over everyone."""

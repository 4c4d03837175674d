"""The catalogue's entries by group; `engines.kpi.catalogue` puts them together."""

"""Tenants: their leases, what they declare, and where their turnover rent stands."""

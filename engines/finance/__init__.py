"""Money of the mall: what leases bring, why it changed, what each part contributes."""

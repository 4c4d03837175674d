"""Attribution: which channels, campaigns and tenants went before purchases, and what holdouts say they caused."""

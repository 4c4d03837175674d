"""Networks: who brings whom, and which tenants share their shoppers. Together at a till is not called friendship."""

"""The KPI catalogue, the engine that fills kpi_fact, and the reads behind every figure on a screen."""

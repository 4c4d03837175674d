"""Forecasts of daily and hourly series, each with the back-test that justifies it."""

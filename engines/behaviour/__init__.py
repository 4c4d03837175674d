"""Behaviour: cohorts, funnels, engagement, visits and the paths people take."""

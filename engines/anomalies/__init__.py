"""What is unusual enough to look at: single days, runs of hours, silent counters, changes of level; with evidence."""

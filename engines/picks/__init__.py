"""What to show a member next: shops by their own and others' purchases, and the next best action under consent."""

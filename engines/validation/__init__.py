"""How models are judged: metrics with intervals, leak guards, champion and challenger, and the card of a version."""

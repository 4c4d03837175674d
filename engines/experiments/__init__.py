"""Statistics of experiments: pure functions on counts, sums and arrays; who runs experiments is another matter."""

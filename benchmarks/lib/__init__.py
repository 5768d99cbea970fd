"""What several benchmarks, or their child processes, need."""

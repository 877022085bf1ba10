"""What a run over a network costs: `python -m benchmarks.network`."""

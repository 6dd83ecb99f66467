"""Measures fhantom beside its peers: `python -m benchmarks` prints one Markdown table a topic."""

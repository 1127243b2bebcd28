"""Measurements of what the documentation claims: `python -m benchmarks.NAME [--small]`."""

"""Metrics: numbers for a text, most of them against references. `judges.metrics.registry` lists and makes them."""

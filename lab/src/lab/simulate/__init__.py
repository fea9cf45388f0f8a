"""Simulated operators: children by footprint, statuses by what was recorded of the real ones."""

"""The one error of the lab: a sentence for the person at the terminal."""

from __future__ import annotations


class LabError(Exception):
    """What went wrong, where, why, and what to do about it, in one sentence."""

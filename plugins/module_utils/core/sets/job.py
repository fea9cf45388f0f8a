"""One set to be kept by one task: what the task works with, and what it says about the set."""

from __future__ import annotations

from dataclasses import dataclass

from .context import Context
from .options import SetOptions


@dataclass(frozen=True)
class Job:
    """Passed along wherever a set is worked on."""

    context: Context
    options: SetOptions

    @property
    def absent(self) -> bool:
        """Whether all of the set is to go."""
        return self.options.state == "absent"

"""Names a data system, and what accompanies its objects, so that two systems of one name do not meet. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

Row = Mapping[str, Any]

_ANY = 253  # of a DNS subdomain, which the names of most kinds are
_CRON_JOB = 52  # a Job's name has 11 characters more, and stands in a label (pkg/apis/batch/validation of Kubernetes)


class System(NamedTuple):
    """word: as roles, sets and names have it (redis); title: as sentences have it (Redis)."""

    word: str
    title: str

    @property
    def set_name(self) -> str:
        """The set of one deployment, to be filled from its options."""
        return f"{self.word}-{{name}}"

    def beside(self, row: Row, *parts: str, longest: int = _ANY) -> str:
        """`<name>-<system>[-<part>]`, for what no operator derives and nobody connects to: monitors, policies, budgets.

        What is longer ends in a digest of the whole.
        """
        whole = "-".join(each for each in (row["name"], self.word, *parts) if each)
        if len(whole) <= longest:
            return whole
        digest = hashlib.sha256(whole.encode()).hexdigest()[:8]
        return f"{whole[: longest - 9].rstrip('-.')}-{digest}"

    def cron_job(self, row: Row, part: str) -> str:
        """The same, no longer than a CronJob's name may be."""
        return self.beside(row, part, longest=_CRON_JOB)

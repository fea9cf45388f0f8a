"""Documents what every procedure on one running cluster of a system takes, and how it behaves in check mode."""

from __future__ import annotations


class ModuleDocFragment:
    """Which cluster, and how patient; each system's own words win over these."""

    DOCUMENTATION = r"""
options:
  name:
    description: The cluster's name.
    type: str
    required: true
  namespace:
    description: The cluster's namespace.
    type: str
    required: true
  timeout:
    description: Seconds that a step may wait.
    type: int
    default: 600
attributes:
  check_mode:
    description: Reads and refuses as a run would, and says what each step would do.
    support: full
  diff_mode:
    description: No difference is shown.
    support: none
"""

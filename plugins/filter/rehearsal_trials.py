# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was tried in a rehearsal, and whether it held."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.evidence.trials import trials

DOCUMENTATION = r"""
name: rehearsal_trials
short_description: What was tried in a rehearsal, and whether it held
version_added: 0.1.0
description:
  - Judges the results that the rehearsal's tasks registered. A second run holds when it wrote nothing, the placeholders
    when all found a place, the loss of a zone when everything kept as many pods as it needs and came back afterwards.
author: groundwork contributors (@groundwork-platform)
positional: _input, placed, loss
options:
  _input:
    description: What the audit log counted in the second run - C(writes), C(dry_runs), C(reads).
    type: dict
    required: true
  placed:
    description: The result of M(groundwork.platform.wait_ready) for the placeholders; none where it did not run.
    type: dict
    default: {}
  loss:
    description:
      - C(zone), its name; C(lost) and C(known), results of the commands that took it away and saw Kubernetes know;
        C(back) and C(healed), results of M(groundwork.platform.wait_ready); C(left), the placeholders meanwhile.
      - None where no zone was lost.
    type: dict
"""

EXAMPLES = r"""
- name: The second run wrote nothing
  ansible.builtin.assert:
    that: requests | groundwork.platform.rehearsal_trials | rejectattr('passed') | length == 0
"""

RETURN = r"""
_value:
  description: For each trial C(name), C(told), which is what a person reads, and C(passed).
  type: list
  elements: dict
"""


def rehearsal_trials(requests: Any, placed: Any = None, loss: Any = None) -> list[dict[str, Any]]:
    """The rows; AnsibleFilterError where what was counted is no mapping."""
    if not isinstance(requests, Mapping):
        raise AnsibleFilterError(f"rehearsal_trials takes counts of requests, not {type(requests).__name__}")
    return trials(requests, placed or {}, loss)


class FilterModule:
    """Makes the filter known to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters by name."""
        return {"rehearsal_trials": rehearsal_trials}

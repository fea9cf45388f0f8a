# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judges an object in a template: ready, in progress, failed, paused, missing or unknown, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.core.readiness.rule import evaluate
from ..module_utils.registry import RULES

DOCUMENTATION = r"""
name: readiness
short_description: Whether a Kubernetes object is ready, and why not
version_added: 0.1.0
description:
  - Judges an object as it stands, by the rules that M(groundwork.platform.wait_ready) waits by. Nothing is asked of a
    cluster.
author: groundwork contributors (@groundwork-platform)
positional: _input
options:
  _input:
    description: An object with its status, as M(kubernetes.core.k8s_info) returns it. None is missing.
    type: dict
    required: true
  children:
    description: Objects that may explain why it is not ready - its pods, claims, replica sets and events.
    type: list
    elements: dict
    default: []
seealso:
  - module: groundwork.platform.wait_ready
"""

EXAMPLES = r"""
- name: Fail with the cause
  ansible.builtin.assert:
    that: (cluster | groundwork.platform.readiness).state == 'ready'
    fail_msg: "{{ (cluster | groundwork.platform.readiness).message }}"

- name: Name what is not ready
  ansible.builtin.debug:
    msg: >-
      {{ deployments.resources | map('groundwork.platform.readiness')
         | rejectattr('state', 'eq', 'ready') | map(attribute='message') }}
"""

RETURN = r"""
_value:
  description: The verdict.
  type: dict
  contains:
    state:
      description: One of ready, in_progress, failed, paused, missing, unknown.
      type: str
    grade:
      description: >-
        Of failed - terminal (only a change helps) or retryable (the operator tries again). Of in_progress - unverified
        (nothing in the status says ready or not). Of paused - needs_user (waits for a person). Otherwise empty.
      type: str
    reason:
      description: One word, where the status has one.
      type: str
    message:
      description: One line.
      type: str
    clause:
      description: The clause of the rule that decided.
      type: str
"""


def readiness(obj: Any, children: Any = ()) -> dict[str, str]:
    """The verdict on an object as a mapping; AnsibleFilterError for what is no object."""
    if obj is not None and not isinstance(obj, dict):
        raise AnsibleFilterError(f"readiness takes one Kubernetes object, a mapping, not {type(obj).__name__}")
    if not isinstance(children, list | tuple):
        raise AnsibleFilterError(f"readiness takes a list of children, not {type(children).__name__}")
    return evaluate(obj, rules=RULES, children=children)._asdict()


class FilterModule:
    """Makes the filter known to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters by name."""
        return {"readiness": readiness}

"""Documents what a procedure that leaves evidence takes: what it is held against, and what a reader has to know."""

from __future__ import annotations


class ModuleDocFragment:
    """The promise and the remarks; where the evidence goes is the module's own word."""

    DOCUMENTATION = r"""
options:
  profile:
    description: What is promised; what is worse fails. Without it the figures are only kept.
    type: dict
    suboptions:
      rpo:
        description: Recovery point objective, such as V(0s). A restore alone does not measure it, and only keeps it.
        type: str
      rto:
        description: Recovery time objective, such as V(30s).
        type: str
  dest:
    description: The folder for the evidence, where the task runs.
    type: path
    required: true
  remarks:
    description: What a reader of the evidence has to know, a sentence each.
    type: list
    elements: str
    default: []
"""

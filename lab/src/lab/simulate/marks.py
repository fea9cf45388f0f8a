"""What tells everybody that a simulation wrote something, and the simulation whose it is."""

from __future__ import annotations

SIMULATED = "groundwork.platform/simulated"  # annotation on resources, label on children
OWNER = "lab.groundwork.platform/owner"  # label on children and their pods: the resource's UID
MANAGER = "simulated-operators"  # the field manager
EVERY = f"{SIMULATED}=true"  # the label selector of all children

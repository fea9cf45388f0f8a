#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps the catalogue of storage classes."""

from __future__ import annotations

DOCUMENTATION = r"""
module: storage
short_description: Keep the catalogue of storage classes
version_added: 0.1.0
description:
  - Keeps a cluster's StorageClasses and VolumeSnapshotClasses as one set. One that is no longer in the catalogue is
    pruned.
  - A class cannot be changed, except for its mark as default; O(replace=recreate) deletes it and makes it anew, which
    leaves volumes and claims as they are.
author: groundwork contributors (@groundwork-platform)
options:
  classes:
    description: The StorageClasses.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the class.
        type: str
        required: true
      provisioner:
        description:
          - The CSI driver, like V(ebs.csi.aws.com). A driver that was part of Kubernetes and was removed is refused.
        type: str
        required: true
      parameters:
        description: The driver's parameters. Numbers and truth are written as texts, as the API wants them.
        type: dict
        default: {}
      reclaim_policy:
        description: What becomes of a volume whose claim is deleted.
        type: str
        choices: [Retain, Delete]
        default: Retain
      binding_mode:
        description: Whether a volume is made where its first pod is scheduled, or at once.
        type: str
        choices: [WaitForFirstConsumer, Immediate]
        default: WaitForFirstConsumer
      expandable:
        description: Whether claims may grow.
        type: bool
        default: true
      default:
        description: Whether claims without a class get this one. One class at most may say so.
        type: bool
        default: false
      mount_options:
        description: Mount options.
        type: list
        elements: str
        default: []
      zones:
        description: Zones to which volumes are restricted; all where there is none.
        type: list
        elements: str
        default: []
      aliases:
        description: Further names, each a class of its own with the same values.
        type: list
        elements: str
        default: []
  snapshot_classes:
    description: The VolumeSnapshotClasses. They need the definitions of the snapshot controller.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the class.
        type: str
        required: true
      driver:
        description: The CSI driver.
        type: str
        required: true
      parameters:
        description: The driver's parameters.
        type: dict
        default: {}
      deletion_policy:
        description: What becomes of a snapshot whose VolumeSnapshot is deleted.
        type: str
        choices: [Retain, Delete]
        default: Retain
      default:
        description: Whether snapshots without a class get this one. One class of a driver at most may say so.
        type: bool
        default: false
extends_documentation_fragment:
  - groundwork.platform.auth
  - groundwork.platform.set
"""

EXAMPLES = r"""
- name: Keep the storage classes
  groundwork.platform.storage:
    namespace: kube-system
    classes:
      - name: fast-ssd
        provisioner: ebs.csi.aws.com
        parameters: {type: gp3, iops: 10000, throughput: 500, encrypted: true}
        aliases: [gp3-csi]
      - name: standard-ssd
        provisioner: ebs.csi.aws.com
        parameters: {type: gp3, encrypted: true}
        default: true
    snapshot_classes:
      - {name: fast-ssd, driver: ebs.csi.aws.com, default: true}
"""

RETURN = r"""
set:
  description: The set, as namespace/name.
  returned: success
  type: str
  sample: kube-system/storage
objects:
  description: Every object of the set, and every object that was pruned, as M(groundwork.platform.apply) returns them.
  returned: success, and failure once the set was compared
  type: list
  elements: dict
"""

from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.systems import storage


def main() -> None:
    run.module(storage.OPTIONS, storage.storage, registry)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Applies any Kubernetes objects as one set."""

from __future__ import annotations

DOCUMENTATION = r"""
module: apply
short_description: Apply Kubernetes objects as one set
version_added: 0.1.0
description:
  - Brings a set of objects to what is asked for, in one task, by concurrent server-side apply in the order in which
    objects need each other; prunes what is no longer asked for and waits until all is ready.
  - An unchanged set costs one LIST a kind and no write.
author: groundwork contributors (@groundwork-platform)
options:
  objects:
    description: Objects, each a mapping or a YAML text of any number of documents.
    type: list
    elements: raw
    default: []
  files:
    description:
      - YAML or JSON files, or folders of them (C(.yml), C(.yaml), C(.json)), read on the controller. Relative paths are
        looked for where Ansible looks for files.
    type: list
    elements: path
    default: []
  templates:
    description: Templates of YAML files, rendered on the controller with the task's variables.
    type: list
    elements: path
    default: []
extends_documentation_fragment:
  - groundwork.platform.auth
  - groundwork.platform.set
"""

EXAMPLES = r"""
- name: Keep a small application
  groundwork.platform.apply:
    set: shop
    namespace: shop
    objects:
      - apiVersion: v1
        kind: Namespace
        metadata:
          name: shop
      - apiVersion: v1
        kind: ConfigMap
        metadata:
          name: settings
        data:
          greeting: hello
    files:
      - shop/
    templates:
      - deployment.yml.j2

- name: Leave the number of replicas to somebody else
  groundwork.platform.apply:
    set: shop
    namespace: shop
    files: [shop/]
    leave_to:
      - kind: apps/Deployment
        path: spec.replicas

- name: Remove it, with the volume that a refusal named before
  groundwork.platform.apply:
    set: shop
    namespace: shop
    state: absent
    confirm:
      - delete PersistentVolumeClaim shop/data 3f9a21c4
"""

RETURN = r"""
set:
  description: The set, as namespace/name.
  returned: success
  type: str
objects:
  description: Every object of the set, and every object that was pruned.
  returned: success, and failure once the set was compared
  type: list
  elements: dict
  contains:
    api_version:
      description: The version it was applied in.
      type: str
    kind:
      description: Its kind.
      type: str
    namespace:
      description: Its namespace; empty for objects in none.
      type: str
    name:
      description: Its name.
      type: str
    action:
      description: created, changed, adopted, replaced, unchanged, deleted, failed or skipped.
      type: str
    judged:
      description: Who judged it - server (an apply or a dry run), schema (structure only) or none.
      type: str
    ready:
      description: Whether it is ready; null where nobody waited for it.
      type: bool
    message:
      description: Why it failed, or what it waits for.
      type: str
retries:
  description: Requests that had to be sent again, with object, HTTP code, reason and seconds waited.
  returned: always
  type: list
  elements: dict
timings:
  description: Seconds by part of the run.
  returned: always
  type: dict
"""

from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.sources import manifests


def main() -> None:
    run.module(manifests.OPTIONS, manifests.objects, registry)


if __name__ == "__main__":
    main()

#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Waits until Kubernetes objects are ready."""

from __future__ import annotations

DOCUMENTATION = r"""
module: wait_ready
short_description: Wait until Kubernetes objects are ready
version_added: 0.1.0
description:
  - Waits for any number of objects at once, each judged by what ready really means for its kind, and never by the
    status of an older generation. C(docs/readiness.md) of the collection lists the rules.
  - Watches, and asks again only where it may not watch. While waiting it shows what is waited for and why, where the
    task runs on the controller.
  - Fails at once when an object has failed and only a change can help; names the cause, from the object's pods,
    claims and events too.
author: groundwork contributors (@groundwork-platform)
options:
  objects:
    description: Objects by name. One that is not there yet is waited for.
    type: list
    elements: dict
    default: []
    suboptions:
      api_version: &api_version
        description: API group and version, V(apps/v1).
        type: str
        required: true
      kind: &kind
        description: The kind, V(Deployment).
        type: str
        required: true
      namespace:
        description: The namespace; none for kinds without one.
        type: str
      name:
        description: The name.
        type: str
        required: true
  selectors:
    description: Objects by label, as they are when the task starts.
    type: list
    elements: dict
    default: []
    suboptions:
      api_version: *api_version
      kind: *kind
      namespace:
        description: The namespace; all of them where none is given.
        type: str
      label_selector:
        description: A label selector, V(app=web,tier!=test).
        type: str
        required: true
      at_least:
        description: How many objects there must be.
        type: int
        default: 1
  sets:
    description: All objects of sets that modules of this collection applied.
    type: list
    elements: dict
    default: []
    suboptions:
      namespace:
        description: The set's namespace.
        type: str
        required: true
      name:
        description: The set's name.
        type: str
        required: true
  rules:
    description:
      - What ready means for kinds, instead of what the collection knows. Every entry is a list of JMESPath expressions
        over the whole object; one holds when its result is neither null, false nor empty.
      - An object that is being deleted, or whose C(status.observedGeneration) lags, is in progress whatever they say.
    type: list
    elements: dict
    default: []
    suboptions:
      kind:
        description: Group and kind, V(example.com/Thing); V(Pod) for the core group.
        type: str
        required: true
      paused:
        description: Any of these - somebody has paused it, and the task fails.
        type: list
        elements: str
        default: []
      terminal:
        description: Any of these - it has failed, and only a change can help; the task fails at once.
        type: list
        elements: str
        default: []
      retryable:
        description: Any of these - it has failed, and its operator tries again; the task fails after O(failure_grace).
        type: list
        elements: str
        default: []
      in_progress:
        description: Any of these - not ready yet.
        type: list
        elements: str
        default: []
      ready:
        description: All of these - ready. At least one is needed.
        type: list
        elements: str
        default: []
  load_balancers:
    description: Wait for the addresses of Services of type LoadBalancer and of Ingresses.
    type: bool
    default: true
  timeout:
    description: Seconds for all of it.
    type: int
    default: 600
  settle:
    description:
      - Seconds that ready must hold. Without it, as long as the kind needs - none where its status tells its
        generation.
    type: int
  status_grace:
    description:
      - Seconds after which an object whose status does not say ready, nor anything against it, is taken for ready,
        with a warning.
    type: int
    default: 30
  failure_grace:
    description:
      - Seconds that a failure may last without a break which the operator tries to mend itself. They count from the
        moment when anything else that is waited for last got on.
    type: int
    default: 60
attributes:
  check_mode:
    description: Judges once, does not wait, and does not fail for what is not ready.
    support: full
  diff_mode:
    description: Nothing is changed.
    support: none
extends_documentation_fragment:
  - groundwork.platform.auth
seealso:
  - module: groundwork.platform.apply
  - plugin: groundwork.platform.readiness
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Wait for a database and what uses it
  groundwork.platform.wait_ready:
    objects:
      - {api_version: postgresql.cnpg.io/v1, kind: Cluster, namespace: data, name: main}
    selectors:
      - {api_version: apps/v1, kind: Deployment, namespace: shop, label_selector: app.kubernetes.io/part-of=shop}
    timeout: 900

- name: Wait for all of a set, where nobody hands out addresses
  groundwork.platform.wait_ready:
    sets:
      - {namespace: shop, name: shop}
    load_balancers: false

- name: Wait for a kind of one's own
  groundwork.platform.wait_ready:
    objects:
      - {api_version: example.com/v1, kind: Import, namespace: data, name: nightly}
    rules:
      - kind: example.com/Import
        terminal: ["status.state == 'Rejected'"]
        ready: ["status.state == 'Done'", "status.rows > `0`"]
"""

RETURN = r"""
objects:
  description: Every object that was waited for.
  returned: always
  type: list
  elements: dict
  contains:
    kind:
      description: Its kind.
      type: str
    namespace:
      description: Its namespace, empty for kinds without one.
      type: str
    name:
      description: Its name.
      type: str
    ready:
      description: Whether it is ready, perhaps with a warning.
      type: bool
    state:
      description: One of ready, in_progress, failed, paused, missing, unknown.
      type: str
      sample: in_progress
    message:
      description: Why, in one line.
      type: str
      sample: "2 of 3 ready; pod web-2: unschedulable: 0/3 nodes are available"
    seconds:
      description: How long it took.
      type: float
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
from ansible_collections.groundwork.platform.plugins.module_utils.core import run, waiting


def main() -> None:
    run.call(waiting.OPTIONS, waiting.wait_ready, registry)


if __name__ == "__main__":
    main()

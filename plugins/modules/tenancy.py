#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps namespaces and what governs them."""

from __future__ import annotations

DOCUMENTATION = r"""
module: tenancy
short_description: Keep namespaces and what governs them
version_added: 0.1.0
description:
  - Keeps a cluster's PriorityClasses and namespaces, with Pod Security, quotas, limits, access, disruption budgets and
    NetworkPolicies, as one set.
  - NetworkPolicies are made from one graph - who talks to whom on which port - and open each edge on both sides of it,
    C(allow-<from>-to-<to>) where it arrives and C(allow-<from>-to-<to>-egress) where it starts.
author: groundwork contributors (@groundwork-platform)
options:
  priority_classes:
    description: PriorityClasses. Value and preemption cannot be changed; O(replace=recreate) makes them anew.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the class. Names that begin with C(system-) are Kubernetes' own.
        type: str
        required: true
      value:
        description: The priority, up to 1000000000.
        type: int
        required: true
      preempts:
        description: Whether its pods push out pods of lower priority.
        type: bool
        default: true
      global_default:
        description: Whether pods without a class get this one. One class of a cluster at most may say so.
        type: bool
        default: false
      description:
        description: For whom it is.
        type: str
      aliases:
        description: Further names, each a class of its own with the same value.
        type: list
        elements: str
        default: []
  endpoints:
    description:
      - The graph's nodes, each either pods (O(endpoints[].namespaces)) or networks (O(endpoints[].cidrs)).
      - C(all), the pods of all O(namespaces), and C(dns), kube-dns, are there without being listed.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the endpoint; part of policies' names.
        type: str
        required: true
      namespaces:
        description: Namespaces of its pods.
        type: list
        elements: str
        default: []
      pods:
        description: Labels of its pods, V(*) for any value; all pods of the namespaces where there is none.
        type: dict
        default: {}
      cidrs:
        description: Networks outside of the cluster.
        type: list
        elements: str
        default: []
      except:
        description: Networks within O(endpoints[].cidrs) that do not belong to it.
        type: list
        elements: str
        default: []
      ports:
        description: Where it listens, like V(5432), V(53/UDP), V(9000-9010) or the name of a container port.
        type: list
        elements: str
        default: []
      metrics:
        description: Where O(scraper) reads its metrics.
        type: list
        elements: str
        default: []
  flows:
    description: The graph's edges.
    type: list
    elements: dict
    default: []
    suboptions:
      from:
        description: Endpoints that open connections.
        type: list
        elements: str
        required: true
      to:
        description: Endpoints that they connect to.
        type: list
        elements: str
        required: true
      ports:
        description: Ports; those of the endpoint where there is none.
        type: list
        elements: str
        default: []
  scraper:
    description: Endpoint that reads metrics, for one Prometheus.
    type: str
extends_documentation_fragment:
  - groundwork.platform.auth
  - groundwork.platform.namespaces
  - groundwork.platform.set
"""

EXAMPLES = r"""
- name: Keep the tenants of the cluster
  groundwork.platform.tenancy:
    namespace: kube-system
    priority_classes:
      - {name: production-high, value: 100000, description: API services}
      - {name: batch-low, value: 1000, preempts: false}
    namespaces:
      - name: shop
        team: sales
        labels: {environment: production}
        compliance: [pci-dss]
        quotas:
          - name: compute
            hard: {requests.cpu: 20, requests.memory: 64Gi, pods: 100}
        limits:
          - name: defaults
            container: {default: {cpu: 1, memory: 1Gi}, default_request: {cpu: 100m, memory: 128Mi}}
        access:
          - name: developers
            cluster_role: view
            subjects: [{kind: Group, name: shop-developers}]
      - name: data
        team: platform
        pod_security: baseline
    endpoints:
      - {name: api, namespaces: shop, pods: {app: api}, ports: [8080], metrics: [9090]}
      - {name: postgres, namespaces: data, pods: {cnpg.io/cluster: main}, ports: [5432], metrics: [9187]}
      - {name: prometheus, namespaces: monitoring, pods: {app.kubernetes.io/name: prometheus}}
    flows:
      - {from: api, to: postgres}
    scraper: prometheus
"""

RETURN = r"""
set:
  description: The set, as namespace/name.
  returned: success
  type: str
  sample: kube-system/tenancy
objects:
  description: Every object of the set, and every object that was pruned, as M(groundwork.platform.apply) returns them.
  returned: success, and failure once the set was compared
  type: list
  elements: dict
"""

from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.systems import tenancy


def main() -> None:
    run.module(tenancy.OPTIONS, tenancy.tenancy, registry)


if __name__ == "__main__":
    main()

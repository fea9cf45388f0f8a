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
  namespaces:
    description: The namespaces. One that is no longer listed is deleted only by O(confirm).
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the namespace.
        type: str
        required: true
      team:
        description: Who owns it; becomes the label C(team).
        type: str
        required: true
      labels:
        description: Further labels. A value holds no commas; for several regimes there is O(namespaces[].compliance).
        type: dict
        default: {}
      annotations:
        description: Annotations.
        type: dict
        default: {}
      compliance:
        description: Regimes, each the label C(compliance.groundwork.platform/<regime>=true).
        type: list
        elements: str
        default: []
      pod_security:
        description:
          - The Pod Security Standard that is enforced. Warnings and audit advise V(restricted) where V(baseline) is
            enforced.
        type: str
        choices: [restricted, baseline, privileged]
        default: restricted
      pod_security_version:
        description: Version of the standard, like V(v1.36).
        type: str
        default: latest
      mesh:
        description: Whether pods join an Istio mesh, by a sidecar or by ambient mode.
        type: str
        choices: [none, sidecar, ambient]
        default: none
      default_deny:
        description: Whether nothing goes in or out but DNS and what O(flows) name.
        type: bool
        default: true
      same_namespace:
        description: Whether the namespace's pods may talk to each other.
        type: bool
        default: false
      quotas:
        description: ResourceQuotas.
        type: list
        elements: dict
        default: []
        suboptions:
          name:
            description: Name of the quota.
            type: str
            required: true
          hard:
            description: What it caps, like C(requests.cpu), C(pods) or C(requests.nvidia.com/gpu).
            type: dict
            required: true
      limits:
        description: LimitRanges. Those of containers and pods bound cpu, memory and ephemeral-storage only.
        type: list
        elements: dict
        default: []
        suboptions:
          name:
            description: Name of the LimitRange.
            type: str
            required: true
          container:
            description: For each container.
            type: dict
            suboptions:
              default:
                description: Limits of a container that has none.
                type: dict
              default_request:
                description: Requests of a container that has none.
                type: dict
              max: &max
                description: The most.
                type: dict
              min: &min
                description: The least.
                type: dict
          pod:
            description: For all of a pod's containers together.
            type: dict
            suboptions:
              max: *max
              min: *min
          claim:
            description: For each PersistentVolumeClaim.
            type: dict
            suboptions:
              max: *max
              min: *min
      service_accounts:
        description: ServiceAccounts.
        type: list
        elements: dict
        default: []
        suboptions:
          name:
            description: Name of the ServiceAccount.
            type: str
            required: true
          annotations:
            description: Annotations, for one the cloud's role.
            type: dict
            default: {}
          automount:
            description: Whether its pods get a token for the API server.
            type: bool
            default: false
      access:
        description: Who may do what, each a RoleBinding, and the Role of the same name where rules are given.
        type: list
        elements: dict
        default: []
        suboptions:
          name:
            description: Name of Role and RoleBinding.
            type: str
            required: true
          rules:
            description: What may be done. Reading Secrets needs their names.
            type: list
            elements: dict
            suboptions:
              api_groups:
                description: API groups; the empty one is the core's.
                type: list
                elements: str
                default: [""]
              resources:
                description: Resources, like V(pods) or V(pods/log).
                type: list
                elements: str
                required: true
              resource_names:
                description: Only objects of these names.
                type: list
                elements: str
                default: []
              verbs:
                description: Verbs, like V(get).
                type: list
                elements: str
                required: true
          cluster_role:
            description: A ClusterRole, instead of rules. Kubernetes' own V(edit) and V(admin) read every Secret.
            type: str
          subjects:
            description: Who.
            type: list
            elements: dict
            required: true
            suboptions:
              kind:
                description: Kind of the subject.
                type: str
                required: true
                choices: [User, Group, ServiceAccount]
              name:
                description: Its name.
                type: str
                required: true
              namespace:
                description: Namespace of a ServiceAccount; this one where none is given.
                type: str
      disruption_budgets:
        description:
          - PodDisruptionBudgets. None for pods whose operator keeps one, as CloudNativePG and Strimzi do; two budgets
            stop every eviction.
        type: list
        elements: dict
        default: []
        suboptions:
          name:
            description: Name of the budget.
            type: str
            required: true
          pods:
            description: Labels of the pods.
            type: dict
            required: true
          min_available:
            description: How many must stay, as number or percentage.
            type: str
          max_unavailable:
            description: How many may be missing, as number or percentage.
            type: str
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

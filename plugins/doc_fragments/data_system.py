"""Documents the options that every data system's module has; the table is core/words.py, DATA_SYSTEM."""

from __future__ import annotations


class ModuleDocFragment:
    """Where its pods run, what they get, who reaches and who watches them."""

    DOCUMENTATION = r"""
options:
  pull_secrets:
    description: Secrets to pull images with.
    type: list
    elements: str
    default: []
  pool:
    description: Node pools that it may run on; everywhere where none is given.
    type: list
    elements: str
    default: []
  node_pools:
    description: All node pools, with their C(name), C(labels) and C(taints) (C(platform_node_pools)).
    type: list
    elements: dict
    default: []
  spread:
    description: Its pods have hosts of their own and are spread over zones - as a wish with V(host), as a must with
      V(zone).
    type: str
    choices: [host, zone, none]
    default: zone
  priority_class:
    description: PriorityClass of its pods.
    type: str
  resources:
    description: Resources of each of its servers.
    type: dict
    suboptions:
      requests:
        description: Requests.
        type: dict
        default: {}
      limits:
        description: Limits.
        type: dict
        default: {}
  monitoring:
    description: PodMonitors and alerting rules.
    type: dict
    suboptions:
      enabled:
        description: Whether they are made.
        type: bool
        default: true
      interval:
        description: How often metrics are read.
        type: str
        default: 30s
      labels:
        description: Labels that Prometheus selects monitors and rules by.
        type: dict
        default: {}
  network:
    description: NetworkPolicies. Its pods reach each other and DNS; the operator, O(network.clients) and
      O(network.scrapers) reach them, and nobody else.
    type: dict
    suboptions:
      enabled:
        description: Whether they are made.
        type: bool
        default: true
      operator_namespace:
        description: Namespace of the operator; the one that its role puts it in where none is given.
        type: str
      clients:
        description: Who connects to it.
        type: list
        elements: dict
        default: []
        suboptions: &peer
          namespaces:
            description: Their namespaces.
            type: list
            elements: str
            required: true
          pods:
            description: Their labels; all pods where none is given.
            type: dict
            default: {}
      scrapers:
        description: Who reads metrics.
        type: list
        elements: dict
        default: []
        suboptions: *peer
  labels:
    description: Labels of everything that the operator makes for it.
    type: dict
    default: {}
  extra_spec:
    description: Laid on the spec of its main resource last, for what has no option here.
    type: dict
    default: {}
"""

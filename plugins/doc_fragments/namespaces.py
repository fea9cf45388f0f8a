"""Documents the option of the modules that keep and check namespaces; the table is systems/tenancy.py, _NAMESPACE."""

from __future__ import annotations


class ModuleDocFragment:
    """Namespaces and what governs them."""

    DOCUMENTATION = r"""
options:
  namespaces:
    description:
      - The namespaces. M(groundwork.platform.tenancy) deletes one that is no longer listed only by
        O(groundwork.platform.tenancy#module:confirm).
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
        description: Whether nothing goes in or out but DNS and what O(groundwork.platform.tenancy#module:flows) name.
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
"""

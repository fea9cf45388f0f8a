"""Readiness rows of networking that we do not render: Calico, Cilium, NGINX, Emissary, Kong, Linkerd, Consul."""

from __future__ import annotations

from ..core.readiness.rule import OBSERVED_IF_SET, AnyOf, Condition, Each, Field, Not, Rule, Some
from ..core.readiness.silent import SILENT

_TIGERA = Rule(
    generation=OBSERVED_IF_SET,
    retryable=(Condition("Degraded"),),
    in_progress=(Condition("Progressing"),),
    ready=(AnyOf(Condition("Available"), Condition("Ready")),),
    source="tigera/operator: api/v1/tigerastatus_types.go",
)

_NGINX = Rule(
    generation=OBSERVED_IF_SET,
    terminal=(Field("status.state", "Invalid", say="status.message"),),
    retryable=(Field("status.state", "Warning", say="status.message"),),
    ready=(Field("status.state", "Valid"),),
    source="nginx/kubernetes-ingress: pkg/apis/configuration/v1/types.go",
)

_PROGRAMMED = Rule(
    generation=OBSERVED_IF_SET,
    retryable=(Condition("Programmed", "False", but_reason="Pending"),),
    ready=(Condition("Programmed"),),
    source="Kong/kubernetes-ingress-controller: api/configuration/v1/kongplugin_types.go",
)

_CONSUL = Rule(
    generation=OBSERVED_IF_SET,
    retryable=(Condition("Synced", "False"),),
    ready=(Condition("Synced"),),
    source="hashicorp/consul-k8s: control-plane/api/v1alpha1/status.go",
)

_LINKERD = Rule(
    generation=OBSERVED_IF_SET,
    retryable=(Some("status.parents", Condition("Accepted", "False", at="conditions")),),
    ready=(Each("status.parents", Condition("Accepted", at="conditions")),),
    source="linkerd/linkerd2: policy-controller/k8s/api/src/policy/httproute.rs",
)

RULES: dict[str, Rule] = {
    "operator.tigera.io/*": _TIGERA,
    "crd.projectcalico.org/*": SILENT,
    "projectcalico.org/*": SILENT,
    "k8s.nginx.org/*": _NGINX,
    "configuration.konghq.com/Kong*": _PROGRAMMED,
    "consul.hashicorp.com/*": _CONSUL,
    "policy.linkerd.io/HTTPRoute": _LINKERD,
    "policy.linkerd.io/*": SILENT,
    "linkerd.io/ServiceProfile": SILENT,
    "traefik.io/*": SILENT,
    "traefik.containo.us/*": SILENT,
    **{
        f"tailscale.com/{kind}": Rule(
            generation=OBSERVED_IF_SET,
            retryable=(Condition(ready, "False", reason=("*Failed", "*Invalid*", "*Error*")),),
            ready=(Condition(ready),),
            source="tailscale/tailscale: k8s-operator/apis/v1alpha1",
        )
        for kind, ready in (
            ("Connector", "ConnectorReady"),
            ("DNSConfig", "NameserverReady"),
            ("ProxyClass", "ProxyClassReady"),
            ("ProxyGroup", "ProxyGroupReady"),
            ("Recorder", "RecorderReady"),
        )
    },
    # A host's state is Initial, Pending, Ready or Error; TLS without ACME goes straight to Ready.
    "getambassador.io/Host": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Field("status.state", "Error", say="status.reason"), Field("status.errorReason", "?*")),
        ready=(Field("status.state", "Ready"),),
        source="emissary-ingress/emissary: pkg/api/getambassador.io/v3alpha1/crd_host.go",
    ),
    "getambassador.io/Mapping": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Field("status.state", "Inactive", say="status.reason"),),
        ready=(Not(Field("status.state", "Inactive")), *SILENT.ready),
        source="emissary-ingress/emissary: pkg/api/getambassador.io/v3alpha1/crd_mapping.go",
    ),
    "cilium.io/CiliumNetworkPolicy": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Condition("Valid", "False"),),
        ready=(Condition("Valid", optional=True), *SILENT.ready),
        source="cilium/cilium: pkg/k8s/apis/cilium.io/v2/cnp_types.go",
    ),
    "cilium.io/CiliumClusterwideNetworkPolicy": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Condition("Valid", "False"),),
        ready=(Condition("Valid", optional=True), *SILENT.ready),
        source="cilium/cilium: pkg/k8s/apis/cilium.io/v2/ccnp_types.go",
    ),
    "cilium.io/CiliumLoadBalancerIPPool": Rule(
        generation=OBSERVED_IF_SET,
        terminal=(Condition("cilium.io/PoolConflict"),),
        ready=(Not(Condition("cilium.io/PoolConflict")), *SILENT.ready),
        source="cilium/cilium: pkg/k8s/apis/cilium.io/v2/lbipam_types.go",
    ),
    "metallb.io/*": SILENT,
    "externaldns.k8s.io/DNSEndpoint": SILENT,
    "k8s.cni.cncf.io/NetworkAttachmentDefinition": SILENT,
    "sriovnetwork.openshift.io/SriovNetworkNodeState": Rule(
        generation=OBSERVED_IF_SET,
        retryable=(Field("status.syncStatus", "Failed", say="status.lastSyncError"),),
        ready=(Field("status.syncStatus", "Succeeded"),),
        source="k8snetworkplumbingwg/sriov-network-operator: api/v1/sriovnetworknodestate_types.go",
    ),
}

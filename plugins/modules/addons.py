#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps load balancer addresses and DNS records."""

from __future__ import annotations

DOCUMENTATION = r"""
module: addons
short_description: Keep load balancer addresses and DNS records
version_added: 0.1.0
description:
  - Keeps the addresses that MetalLB hands out to Services of type LoadBalancer, and the records that external-dns
    publishes (its source C(crd)), as one set.
author: groundwork contributors (@groundwork-platform)
options:
  address_pools:
    description: MetalLB's address pools, each with its advertisement.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the pool, and of its advertisement.
        type: str
        required: true
      namespace:
        description: MetalLB's namespace.
        type: str
        default: metallb-system
      addresses:
        description: Ranges (V(192.0.2.10-192.0.2.50)) or networks (V(192.0.2.0/28)).
        type: list
        elements: str
        required: true
      advertise:
        description: How the addresses are announced; V(none) where somebody else does.
        type: str
        choices: [l2, bgp, none]
        default: l2
      auto_assign:
        description: Whether Services that ask for no pool get addresses of this one.
        type: bool
        default: true
  dns_records:
    description: Records for external-dns.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the DNSEndpoint.
        type: str
        required: true
      namespace:
        description: Namespace of the DNSEndpoint.
        type: str
        default: kube-system
      dns_name:
        description: The DNS name.
        type: str
        required: true
      type:
        description: Type of the record.
        type: str
        choices: [A, AAAA, CNAME, TXT]
        default: A
      targets:
        description: Addresses, names or texts.
        type: list
        elements: str
        required: true
      ttl:
        description: Seconds that resolvers may keep the answer.
        type: int
        default: 60
      identifier:
        description: Tells apart records of one name; needed with O(dns_records[].policy).
        type: str
      policy:
        description:
          - The DNS provider's routing, as external-dns has it, for one C(aws/region) for answers by latency and
            C(aws/health-check-id).
        type: dict
        default: {}
extends_documentation_fragment:
  - groundwork.platform.auth
  - groundwork.platform.set
"""

EXAMPLES = r"""
- name: Keep the addresses of the load balancers, and this region's answer
  groundwork.platform.addons:
    namespace: kube-system
    address_pools:
      - name: public
        addresses: [192.0.2.10-192.0.2.50]
    dns_records:
      - name: api-llmkg
        dns_name: api.llmkg.example.com
        type: CNAME
        targets: [lb-us-west-2.example.com]
        identifier: us-west-2
        policy: {aws/region: us-west-2}
"""

RETURN = r"""
set:
  description: The set, as namespace/name.
  returned: success
  type: str
  sample: kube-system/addons
objects:
  description: Every object of the set, and every object that was pruned, as M(groundwork.platform.apply) returns them.
  returned: success, and failure once the set was compared
  type: list
  elements: dict
"""

from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.systems import addons


def main() -> None:
    run.module(addons.OPTIONS, addons.addons, registry)


if __name__ == "__main__":
    main()

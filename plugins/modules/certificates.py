#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps cert-manager's issuers and certificates."""

from __future__ import annotations

DOCUMENTATION = r"""
module: certificates
short_description: Keep cert-manager's issuers and certificates
version_added: 0.1.0
description:
  - Keeps Issuers, ClusterIssuers and Certificates of C(cert-manager.io/v1) as one set, and waits until each
    certificate is issued.
  - Private keys are made anew with every renewal. The Secret of a certificate that is removed stays.
author: groundwork contributors (@groundwork-platform)
options:
  issuers:
    description: The issuers, each by one of O(issuers[].acme), O(issuers[].ca_secret), O(issuers[].self_signed)
      and O(issuers[].spec).
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the issuer.
        type: str
        required: true
      namespace:
        description: Namespace of an Issuer; without it a ClusterIssuer.
        type: str
      acme:
        description: An ACME server, for one Let's Encrypt.
        type: dict
        suboptions:
          server:
            description: V(production) or V(staging) of Let's Encrypt, or a directory's URL.
            type: str
            required: true
          email:
            description: Where the server writes to.
            type: str
            required: true
          key_secret:
            description: Secret of the account's key; the issuer's name with C(-key) behind it where none is given.
            type: str
          http01:
            description: Prove by HTTP.
            type: dict
            suboptions:
              ingress_class:
                description: IngressClass that serves the proof.
                type: str
              gateways:
                description: Gateways (Gateway API) that serve the proof.
                type: list
                elements: dict
                suboptions:
                  name:
                    description: Name of the Gateway.
                    type: str
                    required: true
                  namespace:
                    description: Its namespace.
                    type: str
          dns01:
            description: Prove by DNS, as C(dns01) of cert-manager's API has it. The only way for wildcards.
            type: dict
          zones:
            description: DNS zones for which this holds; all where there is none.
            type: list
            elements: str
            default: []
      ca_secret:
        description: Secret that holds the certificate and key of a CA to sign with.
        type: str
      self_signed:
        description: Certificates sign themselves.
        type: bool
      spec:
        description: The whole spec of any other issuer (Vault, Venafi).
        type: dict
  certificates:
    description: The certificates.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the Certificate.
        type: str
        required: true
      namespace:
        description: Its namespace; that of whoever reads the Secret.
        type: str
        required: true
      secret:
        description: Secret that is written; the certificate's name where none is given. Two cannot share one.
        type: str
      dns_names:
        description: DNS names.
        type: list
        elements: str
        default: []
      common_name:
        description: Common name, for client certificates.
        type: str
      issuer:
        description: Name of the issuer.
        type: str
        required: true
      issuer_kind:
        description: Its kind.
        type: str
        choices: [ClusterIssuer, Issuer]
        default: ClusterIssuer
      duration:
        description: How long a certificate lasts.
        type: str
        default: 2160h
      renew_before:
        description: How long before its end it is renewed.
        type: str
        default: 720h
      usages:
        description: What the key may be used for, as cert-manager names it.
        type: list
        elements: str
        default: [digital signature, key encipherment, server auth]
      ca:
        description: Whether it may sign others.
        type: bool
        default: false
      private_key:
        description: The private key.
        type: dict
        suboptions:
          algorithm:
            description: Its algorithm.
            type: str
            choices: [ECDSA, RSA, Ed25519]
            default: ECDSA
          size:
            description: Its size; cert-manager's default where none is given.
            type: int
      extra_spec:
        description: Laid on the Certificate's spec last, for what has no option here.
        type: dict
        default: {}
extends_documentation_fragment:
  - groundwork.platform.auth
  - groundwork.platform.set
"""

EXAMPLES = r"""
- name: Keep Let's Encrypt and the gateway's certificate
  groundwork.platform.certificates:
    namespace: cert-manager
    issuers:
      - name: letsencrypt-prod
        acme:
          server: production
          email: platform@example.com
          http01: {gateways: [{name: public, namespace: ingress}]}
      - name: letsencrypt-staging
        acme:
          server: staging
          email: platform@example.com
          http01: {gateways: [{name: public, namespace: ingress}]}
    certificates:
      - name: api
        namespace: ingress
        dns_names: [api.example.com]
        issuer: letsencrypt-prod

- name: Keep a client certificate for a year, signed by our own CA
  groundwork.platform.certificates:
    namespace: cert-manager
    issuers:
      - {name: internal, ca_secret: internal-ca}
    certificates:
      - name: mtls-client
        namespace: shop
        common_name: shop
        issuer: internal
        duration: 8760h
        usages: [digital signature, client auth]
"""

RETURN = r"""
set:
  description: The set, as namespace/name.
  returned: success
  type: str
  sample: cert-manager/certificates
objects:
  description: Every object of the set, and every object that was pruned, as M(groundwork.platform.apply) returns them.
  returned: success, and failure once the set was compared
  type: list
  elements: dict
"""

from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.systems import certificates


def main() -> None:
    run.module(certificates.OPTIONS, certificates.certificates, registry)


if __name__ == "__main__":
    main()

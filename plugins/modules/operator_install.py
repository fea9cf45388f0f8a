#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Installs an operator from a chart, from release manifests or by OLM."""

from __future__ import annotations

DOCUMENTATION = r"""
module: operator_install
short_description: Install an operator from a chart, from release manifests or by OLM
version_added: 0.1.0
description:
  - Installs an operator as two sets. The set C(<set>-crds) keeps its definitions (CRDs) and namespaces, O(set) keeps
    everything else. Both are applied, pruned, waited for and compared as M(groundwork.platform.apply) does.
  - Definitions are upgraded with the operator. One that belongs to another set is left alone, with a warning where it
    is older than what this operator brings. One that would go back to an older version is refused.
  - A chart is rendered by C(helm template) for the version and the kinds of the live cluster. No release is recorded;
    O(adopt_from=helm) takes an existing one over.
  - What a chart makes up anew on every rendering (certificates, passwords, the time) is found by rendering twice, and
    stays as it is live. Where that cannot be, the chart is refused, naming the field.
  - A chart's hooks run only when what it renders to has changed, in Helm's order. They are members of no set. A failing
    one ends the task with its pod's log. Definitions that come as hooks are kept like the others.
  - What Helm lets pass and a strict server refuses, for one an environment variable given twice, is refused with chart,
    template and field, and can be mended by O(patches).
author: groundwork contributors (@groundwork-platform)
options:
  name:
    description: Name of the operator; the default of O(set) and of O(chart.release).
    type: str
    required: true
  version:
    description:
      - Version of what O(manifests) bring, noted on its definitions, so that a later run does not take them back.
      - A chart has its own.
    type: str
  chart:
    description: A Helm chart. Needs Helm 3 or 4 on the machine where the module works.
    type: dict
    suboptions:
      chart:
        description:
          - A folder or a C(.tgz) file, the URL of one, an C(oci://) address, or the name of a chart in O(chart.repo).
        type: str
        required: true
      release:
        description: Name of the release; the default is O(name).
        type: str
      version:
        description: The exact version. Needed for a chart of a repository or registry.
        type: str
      repo:
        description: URL of the chart repository.
        type: str
      checksum:
        description: Checksum of the C(.tgz) as C(sha256:<hex>).
        type: str
      values:
        description: Values for the chart.
        type: dict
      secret_values:
        description:
          - Values that nobody may see, merged over O(chart.values). They reach helm in a file that only its user can
            read, and no message shows them.
        type: dict
      username:
        description: User for the repository or registry.
        type: str
      password:
        description: Password for the repository or registry.
        type: str
      helm:
        description: The helm program; the default is the one on the PATH.
        type: path
  manifests:
    description: Release manifests.
    type: list
    elements: dict
    suboptions:
      path:
        description: A YAML or JSON file, or a folder of them.
        type: path
      url:
        description: URL of a YAML file. It needs O(manifests[].checksum).
        type: str
      checksum:
        description: Checksum of the file as C(sha256:<hex>).
        type: str
  subscription:
    description:
      - A Subscription of the Operator Lifecycle Manager, which must be installed. Approval is always manual.
      - The install plan that brings exactly O(subscription.csv) is approved and followed until the operator runs; any
        other is left unapproved and named. OLM keeps the definitions itself.
    type: dict
    suboptions:
      package:
        description: Name of the package in the catalog, and of the Subscription.
        type: str
        required: true
      csv:
        description: Name of the ClusterServiceVersion to install, like V(keycloak-operator.v26.8.0).
        type: str
        required: true
      channel:
        description: Channel of the package.
        type: str
        required: true
      source:
        description: Name of the CatalogSource.
        type: str
        default: operatorhubio-catalog
      source_namespace:
        description: Namespace of the CatalogSource.
        type: str
        default: olm
      also:
        description: ClusterServiceVersions that the same install plan may bring, because the operator depends on them.
        type: list
        elements: str
        default: []
      target_namespaces:
        description:
          - Namespaces that the operator watches; all where the list is empty. They go into an OperatorGroup that is
            made where the namespace has none. One that is there must have the same.
        type: list
        elements: str
        default: []
      config:
        description: Configuration of the operator's Deployment (C(spec.config) of the Subscription).
        type: dict
  patches:
    description:
      - Changes to the objects that the chart or the manifests bring. A patch that fits no object is an error.
    type: list
    elements: dict
    default: []
    suboptions:
      target:
        description: Which objects; all that is given must fit. Values may hold V(*) and V(?).
        type: dict
        required: true
        suboptions:
          group:
            description: API group.
            type: str
          kind:
            description: Kind.
            type: str
          namespace:
            description: Namespace, as the chart or manifest gives it.
            type: str
          name:
            description: Name.
            type: str
      merge:
        description: A merge patch (RFC 7386). A null removes what stands there.
        type: dict
      json:
        description: A JSON patch (RFC 6902).
        type: list
        elements: dict
        suboptions:
          op:
            description: What to do.
            type: str
            required: true
            choices: [add, remove, replace, test]
          path:
            description: JSON pointer to where it is done.
            type: str
            required: true
          value:
            description: The value, for all but V(remove).
            type: raw
  create_namespace:
    description: Whether O(namespace) is an object of the set C(<set>-crds) where nothing else brings it.
    type: bool
    default: false
  remove_crds:
    description:
      - Whether O(state=absent) also removes the set C(<set>-crds), and with the definitions every object of their
        kinds. Each needs a sentence in O(confirm).
    type: bool
    default: false
seealso:
  - module: groundwork.platform.apply
extends_documentation_fragment:
  - groundwork.platform.auth
  - groundwork.platform.set
"""

EXAMPLES = r"""
- name: Keep cert-manager from its chart
  groundwork.platform.operator_install:
    name: cert-manager
    namespace: cert-manager
    create_namespace: true
    chart:
      chart: oci://quay.io/jetstack/charts/cert-manager
      version: v1.21.1
      values:
        crds: {enabled: true}

- name: Keep an operator from its release manifest
  groundwork.platform.operator_install:
    name: cnpg
    namespace: cnpg-system
    version: 1.30.0
    manifests:
      - url: https://example.com/cnpg-1.30.0.yaml
        checksum: sha256:2b5d0d9c8bfa9f3d7f8a1a0d3c1f0f2a9c1e6b7d4f3a2b1c0d9e8f7a6b5c4d3e

- name: Keep an operator by OLM, in exactly this version
  groundwork.platform.operator_install:
    name: keycloak-operator
    namespace: keycloak
    subscription:
      package: keycloak-operator
      channel: fast
      csv: keycloak-operator.v26.8.0
      target_namespaces: [keycloak]

- name: Say which of two values a chart means
  groundwork.platform.operator_install:
    name: agent
    namespace: monitoring
    chart:
      chart: /srv/charts/agent-1.2.3.tgz
    patches:
      - target: {kind: Deployment, name: agent}
        json:
          - {op: remove, path: /spec/template/spec/containers/0/env/3}
"""

RETURN = r"""
sets:
  description: The sets that were kept.
  returned: success
  type: list
  elements: str
  sample: [cert-manager/cert-manager-crds, cert-manager/cert-manager]
chart:
  description: Name and version of the chart.
  returned: with a chart
  type: dict
  sample: {name: cert-manager, version: v1.21.1}
csv:
  description: The ClusterServiceVersion that was asked for.
  returned: with a subscription
  type: str
  sample: keycloak-operator.v26.8.0
objects:
  description:
    - Every object of the sets as M(groundwork.platform.apply) returns it, and every hook that ran (C(ran)), in check
      mode that would run (C(would run)).
    - With a subscription also the install plan that was approved (C(approved)), in check mode the version that would be
      (C(would approve)).
  returned: success, and failure once the sets were compared
  type: list
  elements: dict
"""

from ansible_collections.groundwork.platform.plugins.module_utils import registry
from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.sources import install, options


def main() -> None:
    run.call(options.OPERATOR_INSTALL, install.install, registry)


if __name__ == "__main__":
    main()

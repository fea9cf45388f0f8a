#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks a cluster which one it is."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_info
short_description: Ask a cluster which one it is
version_added: 0.1.0
description:
  - Asks the API server which cluster it is. As with every module of the collection, O(cluster_uid) and O(lab) refuse
    the wrong one, so that this is a playbook's first task.
author: groundwork contributors (@groundwork-platform)
options: {}
attributes:
  check_mode:
    description: Asks, and changes nothing.
    support: full
  diff_mode:
    description: Nothing is changed.
    support: none
extends_documentation_fragment:
  - groundwork.platform.auth
"""

EXAMPLES = r"""
- name: Refuse any other cluster
  groundwork.platform.cluster_info:
    cluster_uid: 5d0c6a1e-8f2b-4a37-9c41-2be7d9a06f13
"""

RETURN = r"""
server:
  description: The API server.
  returned: success
  type: str
  sample: api.example.com:6443
uid:
  description: The UID of the namespace C(kube-system), which stands for the cluster.
  returned: success
  type: str
version:
  description: The version of Kubernetes.
  returned: success
  type: str
  sample: v1.36.3
lab:
  description: The name of the lab cluster, empty for any other.
  returned: success
  type: str
profile:
  description: The lab cluster's profile, V(rehearse) or V(real).
  returned: success
  type: str
"""

from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.evidence import cluster


def main() -> None:
    run.call({}, cluster.info)


if __name__ == "__main__":
    main()

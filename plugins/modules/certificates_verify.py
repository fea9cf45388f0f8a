#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Checks that certificates are renewed in time."""

from __future__ import annotations

DOCUMENTATION = r"""
module: certificates_verify
short_description: Check that certificates are renewed in time
version_added: 0.1.0
description:
  - Reads every Certificate of the cluster, and fails naming those which cert-manager should have renewed
    (C(status.renewalTime)) and did not, with what it says of its attempts and the time that is left.
  - A certificate that was never issued is not ready, which M(groundwork.platform.site_verify) tells.
author: groundwork contributors (@groundwork-platform)
options:
  grace:
    description: How long a renewal may take, in seconds, by the clock of the API server.
    type: int
    default: 900
attributes:
  check_mode:
    description: Reads, and changes nothing.
    support: full
  diff_mode:
    description: Nothing is changed.
    support: none
seealso:
  - module: groundwork.platform.certificates
extends_documentation_fragment:
  - groundwork.platform.auth
"""

EXAMPLES = r"""
- name: Fail where a certificate was not renewed
  groundwork.platform.certificates_verify:
"""

RETURN = r"""
certificates:
  description: Every Certificate that was issued.
  returned: success, and failure once they were read
  type: list
  elements: dict
  contains:
    namespace:
      description: Its namespace.
      type: str
    name:
      description: Its name.
      type: str
    not_after:
      description: When it expires.
      type: str
      sample: "2026-12-21T08:00:00Z"
    renewal_time:
      description: When cert-manager renews it.
      type: str
      sample: "2026-11-21T08:00:00Z"
    message:
      description: Why its renewal is late; empty where it is not.
      type: str
"""

from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.procedures import certificate_renewals


def main() -> None:
    run.call(certificate_renewals.OPTIONS, certificate_renewals.verify)


if __name__ == "__main__":
    main()

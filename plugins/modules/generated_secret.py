#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps a Secret whose keys are made up once."""

from __future__ import annotations

DOCUMENTATION = r"""
module: generated_secret
short_description: Keep a Secret whose keys are made up once
version_added: 0.1.0
description:
  - Makes up the keys of a Secret that are missing, and never touches a key that is there. The Secret is never pruned.
  - Values that are given, from Ansible Vault for one, enter through O(values), and are kept as they are given.
  - Values are made up on the machine that runs the module and go to the API server only. No result, diff, log or
    message shows one.
author: groundwork contributors (@groundwork-platform)
options:
  name:
    description: Name of the Secret.
    type: str
    required: true
  namespace:
    description: Namespace of the Secret. It must be there.
    type: str
    required: true
  keys:
    description:
      - Keys to make up where they are missing. A key that is there is left as it is, whatever its length and kind.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The key.
        type: str
        required: true
      length:
        description: Number of characters, for V(base64) the number of bytes before encoding. From 8 to 4096.
        type: int
        default: 32
      kind:
        description:
          - What the value is made of. V(symbols) adds V(-), V(_), V(.) and V(~), which need no quoting anywhere.
        type: str
        choices: [alphanumeric, symbols, hex, base64, uuid]
        default: alphanumeric
  values:
    description:
      - Keys with the values that they must have. A key that is there with another value is set to this one.
      - A key that is no longer given stays in the Secret.
    type: dict
    default: {}
  type:
    description: Type of the Secret. It cannot be changed later.
    type: str
    default: Opaque
  labels:
    description: Labels that the Secret must have. Others are left alone.
    type: dict
    default: {}
  annotations:
    description: Annotations that the Secret must have. Others are left alone.
    type: dict
    default: {}
attributes:
  check_mode:
    description: Says which keys it would make up or set, and makes none up.
    support: full
  diff_mode:
    description: Shows the names of the keys, never a value.
    support: full
  idempotent:
    description: A second run writes nothing.
    support: full
seealso:
  - module: groundwork.platform.apply
extends_documentation_fragment:
  - groundwork.platform.auth
"""

EXAMPLES = r"""
- name: Keep the credentials of the application's database user
  groundwork.platform.generated_secret:
    name: app-credentials
    namespace: data
    type: kubernetes.io/basic-auth
    values:
      username: app
    keys:
      - name: password

- name: Keep an encryption key, and a token that Ansible Vault holds
  groundwork.platform.generated_secret:
    name: workflow
    namespace: data
    keys:
      - {name: encryption-key, kind: base64, length: 32}
      - {name: instance-id, kind: uuid}
    values:
      token: "{{ vault_workflow_token }}"
"""

RETURN = r"""
generated:
  description: Names of the keys that were made up, in check mode of those that would be.
  returned: success
  type: list
  elements: str
  sample: [password]
set:
  description: Names of the keys that were set to a value of O(values), in check mode of those that would be.
  returned: success
  type: list
  elements: str
  sample: [username]
kept:
  description: Names of the keys that were there and stayed.
  returned: success
  type: list
  elements: str
  sample: []
msg:
  description: What was done, in words.
  returned: success
  type: str
  sample: generated password; set username
"""

from ansible_collections.groundwork.platform.plugins.module_utils.core import run
from ansible_collections.groundwork.platform.plugins.module_utils.sources import generated_secrets, options


def main() -> None:
    run.call(options.GENERATED_SECRET, generated_secrets.keep)


if __name__ == "__main__":
    main()

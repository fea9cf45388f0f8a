"""Documents the connection options that every module has; the table is core/sets/options.py, AUTH."""

from __future__ import annotations


class ModuleDocFragment:
    """Which cluster, as whom."""

    DOCUMENTATION = r"""
options:
  kubeconfig:
    description:
      - A kubeconfig file, several separated by colons, or the content of one as a mapping.
      - Without it, E(K8S_AUTH_KUBECONFIG), E(KUBECONFIG) and C(~/.kube/config) are tried, then a pod's service account.
    type: raw
  context:
    description: The context in the kubeconfig; without it the current one. E(K8S_AUTH_CONTEXT) is read too.
    type: str
  host:
    description: The URL of the API server, instead of the kubeconfig's. E(K8S_AUTH_HOST) is read too.
    type: str
  api_key:
    description: A bearer token. E(K8S_AUTH_API_KEY) is read too.
    type: str
  username:
    description: The user for basic authentication. E(K8S_AUTH_USERNAME) is read too.
    type: str
  password:
    description: The password for basic authentication. E(K8S_AUTH_PASSWORD) is read too.
    type: str
  validate_certs:
    description: Whether the server's certificate is checked; without it, as the kubeconfig says.
    type: bool
    aliases: [verify_ssl]
  ca_cert:
    description: A file with the certificates of authorities to trust. E(K8S_AUTH_SSL_CA_CERT) is read too.
    type: path
    aliases: [ssl_ca_cert]
  client_cert:
    description: The file of a client certificate. E(K8S_AUTH_CERT_FILE) is read too.
    type: path
    aliases: [cert_file]
  client_key:
    description: The file of the client certificate's key. E(K8S_AUTH_KEY_FILE) is read too.
    type: path
    aliases: [key_file]
  proxy:
    description: The URL of an HTTP proxy. E(K8S_AUTH_PROXY) is read too, and the usual proxy variables.
    type: str
  no_proxy:
    description: Hosts, domains and networks that are reached without the proxy, separated by commas.
    type: str
  proxy_headers:
    description: Headers for the proxy.
    type: dict
    suboptions:
      proxy_basic_auth:
        description: User and password for the proxy, separated by a colon.
        type: str
      basic_auth:
        description: User and password for basic authentication, separated by a colon.
        type: str
      user_agent:
        description: The user agent.
        type: str
  impersonate_user:
    description: The user to act as. E(K8S_AUTH_IMPERSONATE_USER) is read too.
    type: str
  impersonate_groups:
    description: The groups to act as. E(K8S_AUTH_IMPERSONATE_GROUPS) is read too.
    type: list
    elements: str
  require_context:
    description: Refuse to run when the kubeconfig has several contexts and O(context) names none.
    type: bool
  cluster_uid:
    description:
      - The UID of the cluster's namespace C(kube-system). Any other cluster is refused before anything else happens,
        in check mode too. It is asked for once a playbook.
    type: str
  lab:
    description:
      - What may be a lab cluster, which carries a mark on its namespace C(kube-system). V(refused) keeps what is meant
        for real clusters away from labs, V(required) keeps rehearsals and faults away from real clusters.
    type: str
    choices: [allowed, required, refused]
    default: allowed
notes:
  - With a local connection the work is done in the controller's worker and progress is shown while it happens;
    with become, async, an environment or another interpreter the module is sent, and does the same.
requirements:
  - kubernetes
"""

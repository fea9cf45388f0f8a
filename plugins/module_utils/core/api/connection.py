"""From options, kubeconfig or service account to an authenticated connection pool; the one user of `kubernetes`.

The library reads and merges kubeconfigs, runs exec plugins and knows proxies; this file adds what it lacks: the order
of sources, one TLS context, a limit for exec plugins, credentials that are renewed, and clear sentences.
"""

from __future__ import annotations

import base64
import contextlib
import copy
import os
import re
import ssl
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from . import runfolder
from .errors import PlatformError

EXEC_SECONDS = 60  # how long an exec plugin may think
_RENEW_BEFORE = 60  # a credential is renewed this long before it ends
_TOKEN_FILE_SECONDS = 60  # a token file is read again this often, as client-go does

# Runs a command, ends it when it takes too long. The library waits for exec plugins for ever.
_LIMIT = """
import subprocess, sys
try:
    sys.exit(subprocess.run(sys.argv[2:], timeout=float(sys.argv[1])).returncode)
except subprocess.TimeoutExpired:
    sys.exit("no answer in %s s" % sys.argv[1])
except OSError as error:
    sys.exit("cannot run %s: %s" % (sys.argv[2], error.strerror))
"""

_loading = threading.Lock()
_SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"


@dataclass(frozen=True)
class Connection:
    """Which cluster, as whom. Names, meanings and K8S_AUTH_* variables are those of kubernetes.core."""

    kubeconfig: str | dict[str, Any] | None = field(default=None, repr=False)
    context: str | None = None
    host: str | None = None
    api_key: str | None = field(default=None, repr=False)
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    validate_certs: bool | None = None
    ca_cert: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    proxy: str | None = field(default=None, repr=False)
    no_proxy: str | None = None
    proxy_headers: Mapping[str, str] | None = field(default=None, repr=False)
    impersonate_user: str | None = None
    impersonate_groups: list[str] | None = None
    require_context: bool = False

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Connection:
        """From a module's options; what is not set there comes from the K8S_AUTH_* variables."""
        given = {}
        for option in fields(cls):
            value = options.get(option.name)
            if value is None:
                value = _from_environment(option.name)
            if value is not None:
                given[option.name] = value
        return cls(**given)


# The other names under which kubernetes.core reads an option from the environment.
_ALIASES = {
    "validate_certs": "verify_ssl",
    "ca_cert": "ssl_ca_cert",
    "client_cert": "cert_file",
    "client_key": "key_file",
}


def _switch(text: str) -> bool:
    return text.lower() not in ("0", "false", "no", "off")


def _words(text: str) -> list[str]:
    return [word for word in text.split(",") if word]


_READERS: dict[str, Callable[[str], Any]] = {
    "validate_certs": _switch,
    "require_context": _switch,
    "impersonate_groups": _words,
}


def _from_environment(name: str) -> Any:
    if name == "proxy_headers":
        headers = {
            key: os.environ[f"K8S_AUTH_PROXY_HEADERS_{key.upper()}"]
            for key in ("proxy_basic_auth", "basic_auth", "user_agent")
            if f"K8S_AUTH_PROXY_HEADERS_{key.upper()}" in os.environ
        }
        return headers or None
    for variable in (name, _ALIASES.get(name, name)):
        value = os.environ.get(f"K8S_AUTH_{variable.upper()}")
        if value:
            return _READERS.get(name, str)(value)
    return None


@dataclass
class Transport:
    """An open way to one cluster: the pool, what to send with every request, and until when that is valid."""

    server: str
    context: str
    user: str
    pool: Any = field(repr=False)
    headers: list[tuple[str, str]] = field(repr=False)
    secrets: list[str] = field(repr=False)
    tls: str = ""  # a digest: connections made with the same one may be shared
    renewable: bool = False
    expires: float | None = None  # epoch seconds
    proxied_by: str = ""
    warnings: list[str] = field(default_factory=list)


@dataclass
class _Identity:
    """Who we are, as one source of configuration tells it."""

    context: str = ""
    user: str = ""
    token: str = ""  # the whole Authorization value
    impersonate: list[tuple[str, str]] = field(default_factory=list)
    renewable: bool = False
    expires: float | None = None


def library() -> Any:
    """The `kubernetes` package; loading it takes a quarter of a second, so it is loaded once a playbook."""
    try:
        import kubernetes
        import kubernetes.client.rest
        import kubernetes.config.exec_provider
        import kubernetes.config.kube_config
    except ImportError as error:
        raise PlatformError(
            f"the Python package kubernetes cannot be loaded by {sys.executable} ({error}); install it there"
        ) from error
    return kubernetes


def open_transport(connection: Connection, *, size: int = 32, renew: bool = False) -> Transport:
    """Reads the configuration, asks the exec plugin if there is one, and makes the pool. Sends nothing to the server.

    size: connections kept open; renew: credentials kept from earlier are not good any more.
    """
    kubernetes = library()
    configuration = kubernetes.client.Configuration()
    configuration.connection_pool_maxsize = size
    configuration.keep_alive = True
    # The library remembers the files that it made by their content, for all threads together.
    with _loading, tempfile.TemporaryDirectory(prefix="groundwork-") as folder:
        try:
            identity = _load(connection, configuration, folder, renew)
            _override(connection, configuration, identity)
            context = _tls(configuration) if configuration.host.startswith("https:") else None
            tls = _digest(configuration.host, *map(_content, (configuration.ssl_ca_cert, configuration.cert_file)))
        except (kubernetes.config.ConfigException, OSError) as error:
            raise PlatformError(f"cannot read the connection to the cluster: {_sentence(error)}") from None
    # What the library read from files is in the TLS context now, and the files are gone.
    configuration.ssl_ca_cert = configuration.cert_file = configuration.key_file = configuration.ca_cert_data = None
    pool = kubernetes.client.rest.RESTClientObject(configuration).pool_manager
    if context is not None:
        pool.connection_pool_kw["ssl_context"] = context
    headers = [("Authorization", identity.token)] if identity.token else []
    return Transport(
        server=configuration.host.rstrip("/"),
        context=identity.context,
        user=identity.user,
        pool=pool,
        headers=headers + identity.impersonate,
        secrets=_secrets(connection, identity),
        tls=tls,
        renewable=identity.renewable,
        expires=identity.expires,
        proxied_by=_without_password(getattr(pool, "proxy", None)),
        warnings=[] if configuration.verify_ssl else [f"the certificate of {configuration.host} is not checked"],
    )


def _load(connection: Connection, configuration: Any, folder: str, renew: bool) -> _Identity:
    """Kubeconfig first; the pod's own service account only when nothing else is there."""
    if connection.host and (
        connection.api_key
        or (connection.username and connection.password)
        or (connection.client_cert and connection.client_key)
    ):
        return _Identity()
    named = connection.kubeconfig or connection.context
    source = connection.kubeconfig or os.environ.get("KUBECONFIG") or "~/.kube/config"
    if named or _exists(source):
        return _from_kubeconfig(connection, source, configuration, folder, renew)
    if os.environ.get("KUBERNETES_SERVICE_HOST"):
        loader = library().config.incluster_config.InClusterConfigLoader(
            f"{_SERVICE_ACCOUNT}/token", f"{_SERVICE_ACCOUNT}/ca.crt", try_refresh_token=False
        )
        loader.load_and_set(configuration)
        token = configuration.api_key.get("BearerToken", "")
        return _Identity("in-cluster", "service account", token.strip(), [], True, time.time() + _TOKEN_FILE_SECONDS)
    if connection.host:
        return _Identity()
    raise PlatformError(
        "no cluster is named: give kubeconfig, context or host, set KUBECONFIG or K8S_AUTH_KUBECONFIG, "
        "or run inside a pod with a service account"
    )


def _exists(source: str | dict[str, Any]) -> bool:
    return isinstance(source, dict) or any(os.path.exists(path) for path in _paths(source))


def _paths(source: str) -> list[str]:
    return [os.path.expanduser(path) for path in source.split(os.pathsep) if path]


def _from_kubeconfig(
    connection: Connection, source: str | dict[str, Any], configuration: Any, folder: str, renew: bool
) -> _Identity:
    module = library().config.kube_config
    if isinstance(source, dict):
        merged = module.ConfigNode("kubeconfig", copy.deepcopy(source))
    else:
        if not _exists(source):
            raise PlatformError(f"the kubeconfig {source} does not exist")
        try:
            merged = module.KubeConfigMerger(source).config
        except (OSError, ValueError, AttributeError, TypeError, module.yaml.YAMLError) as error:
            raise PlatformError(f"the kubeconfig {source} cannot be read: {_sentence(error)}") from None
    name = _context(connection, merged, source)
    entry = merged["contexts"].get_with_name(name)["context"]
    cluster = merged["clusters"].get_with_name(entry["cluster"])["cluster"]
    user = entry.safe_get("user") or ""
    node = merged["users"].get_with_name(user, safe=True) if user and merged.safe_get("users") else None
    identity = _Identity(context=name, user=user)
    if node is not None and isinstance(node["user"], module.ConfigNode):
        _authenticate(node["user"], cluster, identity, renew)
    loader = module.KubeConfigLoader(
        config_dict=merged,
        active_context=name,
        config_base_path=None if not isinstance(source, dict) else "",
        temp_file_path=folder,
    )
    loader.load_and_set(configuration)
    configuration.refresh_api_key_hook = None
    identity.token = configuration.api_key.get("BearerToken", "").strip()
    return identity


def _context(connection: Connection, merged: Any, source: str | dict[str, Any]) -> str:
    where = "the given kubeconfig" if isinstance(source, dict) else f"the kubeconfig {source}"
    raw = merged.safe_get("contexts") or []
    names = [
        name for entry in raw if isinstance(name := (entry.value if hasattr(entry, "value") else entry)["name"], str)
    ]
    if connection.context:
        if connection.context in names:
            return connection.context
        raise PlatformError(f"{where} has no context {connection.context}; it has {', '.join(names) or 'none'}")
    current = merged.safe_get("current-context")
    if len(names) == 1 and not current:
        return names[0]
    if connection.require_context and len(names) != 1:
        raise PlatformError(
            f"{where} has {len(names)} contexts and none is named; set context to one of {', '.join(names)}"
        )
    if not current:
        raise PlatformError(f"{where} has no current context; set context to one of {', '.join(names) or 'none'}")
    if current not in names:
        raise PlatformError(
            f"the current context {current} of {where} does not exist; it has {', '.join(names) or 'none'}"
        )
    return str(current)


def _authenticate(user: Any, cluster: Any, identity: _Identity, renew: bool) -> None:
    """Settles what the library leaves open: impersonation, token files that change, exec plugins that hang or fail."""
    raw = user.value
    identity.impersonate = _impersonation(raw.get("as"), raw.get("as-groups") or [], raw.get("as-uid"))
    if raw.get("token"):
        return
    if raw.get("tokenFile"):
        identity.renewable, identity.expires = True, time.time() + _TOKEN_FILE_SECONDS
        return
    if not raw.get("exec"):
        return
    status = _exec(user["exec"], cluster, renew)
    identity.renewable, identity.expires = True, _expiry(status)
    del raw["exec"]
    if status.get("clientCertificateData"):
        raw["client-certificate-data"] = base64.b64encode(status["clientCertificateData"].encode()).decode()
        raw["client-key-data"] = base64.b64encode(status.get("clientKeyData", "").encode()).decode()
    if status.get("token"):
        raw["token"] = status["token"]


def _exec(plugin: Any, cluster: Any, renew: bool) -> dict[str, Any]:
    """The plugin's ExecCredential status: kept from an earlier task of this run while it is valid, else asked for."""
    kept = runfolder.current().sub("exec", runfolder.environment())
    name = _digest(plugin.value, cluster.value)
    status = kept.read(name)
    expires = _expiry(status) if isinstance(status, dict) else 0.0
    if not renew and isinstance(status, dict) and (expires is None or expires > time.time()):
        return status
    status = _ask(plugin, cluster)
    kept.write(name, status)
    return status


def _digest(*values: Any) -> str:
    import hashlib
    import json

    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()[:24]


def _ask(plugin: Any, cluster: Any) -> dict[str, Any]:
    command = str(plugin.value.get("command"))
    base = os.path.dirname(os.path.abspath(plugin.path)) if plugin.path else None
    try:
        provider = library().config.exec_provider.ExecProvider(plugin, base, cluster)
        if base and os.sep in command and not os.path.isabs(command):
            provider.args[0] = os.path.join(base, command)
        provider.args = [sys.executable, "-c", _LIMIT, str(EXEC_SECONDS), *provider.args]
        status = provider.run()
    except Exception as error:
        hint = plugin.value.get("installHint")
        raise PlatformError(
            f"the exec plugin {command} of the kubeconfig failed: {_sentence(error)}"
            + (f". {hint.strip()}" if hint else "")
        ) from None
    if not isinstance(status, dict) or not (status.get("token") or status.get("clientCertificateData")):
        raise PlatformError(f"the exec plugin {command} of the kubeconfig answered without token or certificate")
    return status


def _expiry(status: dict[str, Any]) -> float | None:
    """When to renew, epoch seconds; None when the plugin names no end."""
    text = status.get("expirationTimestamp")
    with contextlib.suppress(TypeError, ValueError, AttributeError):
        return datetime.fromisoformat(text).timestamp() - _RENEW_BEFORE  # type: ignore[arg-type]
    return None


def _impersonation(user: str | None, groups: list[str], uid: str | None = None) -> list[tuple[str, str]]:
    headers = [("Impersonate-User", user)] if user else []
    headers += [("Impersonate-Group", group) for group in groups]
    return headers + ([("Impersonate-Uid", uid)] if uid else [])


def _override(connection: Connection, configuration: Any, identity: _Identity) -> None:
    """Options win over what was loaded."""
    for option, attribute in (
        ("host", "host"),
        ("ca_cert", "ssl_ca_cert"),
        ("client_cert", "cert_file"),
        ("client_key", "key_file"),
        ("validate_certs", "verify_ssl"),
        ("no_proxy", "no_proxy"),
        ("proxy", "proxy"),
    ):
        value = getattr(connection, option)
        if value is not None:
            setattr(configuration, attribute, value)
    configuration.host = configuration.host.rstrip("/")
    if "://" not in configuration.host:
        raise PlatformError(f"the host {configuration.host} is not a URL; write https://{configuration.host}")
    make_headers = library().client.rest.urllib3.util.make_headers
    if connection.proxy_headers:
        configuration.proxy_headers = make_headers(**connection.proxy_headers)
    if connection.api_key:
        identity.token, identity.renewable, identity.expires = f"Bearer {connection.api_key}", False, None
    elif connection.username and connection.password:
        identity.token = make_headers(basic_auth=f"{connection.username}:{connection.password}")["authorization"]
    identity.user = identity.user or connection.username or ""
    if connection.impersonate_user or connection.impersonate_groups:
        identity.impersonate = _impersonation(connection.impersonate_user, connection.impersonate_groups or [])


def _tls(configuration: Any) -> ssl.SSLContext:
    """One context for all connections: the cluster's CA alone where it is known, the system's otherwise."""
    context = library().client.rest.urllib3.util.ssl_.create_urllib3_context()
    if not configuration.verify_ssl:
        library().client.rest.urllib3.disable_warnings()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif configuration.ssl_ca_cert or configuration.ca_cert_data:
        _read(
            configuration.ssl_ca_cert,
            context.load_verify_locations,
            configuration.ssl_ca_cert,
            None,
            configuration.ca_cert_data,
        )
    else:
        context.load_default_certs()
    if configuration.cert_file:
        _read(configuration.cert_file, context.load_cert_chain, configuration.cert_file, configuration.key_file)
    return context


def _read(path: str, load: Callable[..., Any], *arguments: Any) -> None:
    try:
        load(*arguments)
    except (OSError, ssl.SSLError) as error:
        said = error.strerror if isinstance(error, FileNotFoundError) else "it is not a PEM certificate or not its key"
        raise PlatformError(f"the certificate file {path} cannot be used: {said}") from None


def _content(path: str | None) -> str:
    if not path:
        return ""
    with open(path, errors="replace") as file:
        return file.read()


def _secrets(connection: Connection, identity: _Identity) -> list[str]:
    token = identity.token.partition(" ")[2]
    password = urlsplit(connection.proxy).password if connection.proxy else None
    # A word shorter than this would blank half of every sentence, and protects nobody.
    return [text for text in (token, connection.api_key, connection.password, password) if text and len(text) >= 6]


def _without_password(proxy: Any) -> str:
    return f"{proxy.scheme}://{proxy.host}:{proxy.port}" if proxy is not None else ""


def _sentence(error: Exception) -> str:
    """The first 300 characters of what went wrong, on one line, without anything that looks like a token."""
    text = " ".join(str(error).split())[-300:] or type(error).__name__
    return re.sub(r"ey[\w-]{10,}\.[\w.-]+|(?<=token\": \")[^\"]+", "***", text)


def server_name(transport: Transport) -> str:
    """`api.example:6443`, for sentences."""
    return urlsplit(transport.server).netloc or transport.server

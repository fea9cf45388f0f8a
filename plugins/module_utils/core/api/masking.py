"""Keeps what nobody may see out of everything that is shown: Secret data and credentials, in any text."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

_SHORTEST = 6  # characters; shorter values are words that stand elsewhere too
_LONG = 1000  # characters from which on a pattern of a text takes longer to make than to search for the text: 4 s a MiB


def secret_values(value: Any) -> set[str]:
    """The values inside Secrets anywhere in the parameters, plain and as base64."""
    found: set[str] = set()
    for secret in _secrets(value):
        for part in ("data", "stringData"):
            for text in (secret.get(part) or {}).values() if isinstance(secret.get(part), dict) else ():
                found.add(str(text))
                if part == "stringData":
                    found.add(base64.b64encode(str(text).encode()).decode())
                    continue
                try:
                    found.add(base64.b64decode(str(text), validate=True).decode())
                except (binascii.Error, ValueError):
                    continue
    return {text for text in found if len(text) >= _SHORTEST}


def _secrets(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        if value.get("kind") == "Secret":
            yield value
        for part in value.values():
            yield from _secrets(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _secrets(part)


def no_log_values(params: Mapping[str, Any], spec: Mapping[str, Any]) -> set[str]:
    """The values of the options that the argument spec marks no_log, plain and as base64."""
    texts = {str(leaf) for value in _no_log(params, spec) for leaf in _leaves(value)}
    long = {text for text in texts if len(text) >= _SHORTEST}
    return long | {base64.b64encode(text.encode()).decode() for text in long}


def without_no_log(params: Mapping[str, Any], spec: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters with what the argument spec marks no_log replaced, however short it is."""
    result = dict(params)
    for name, row in spec.items():
        value = params.get(name)
        if row.get("no_log") and value:
            result[name] = "***"
        elif isinstance(value, Mapping) and row.get("options"):
            result[name] = without_no_log(value, row["options"])
        elif isinstance(value, list) and row.get("options"):
            result[name] = [without_no_log(item, row["options"]) for item in value if isinstance(item, Mapping)]
    return result


def _no_log(params: Mapping[str, Any], spec: Mapping[str, Any]) -> Iterator[Any]:
    for name, row in spec.items():
        value = params.get(name)
        if row.get("no_log"):
            yield value
        elif row.get("options"):
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, Mapping):
                    yield from _no_log(part, row["options"])


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for part in value.values():
            yield from _leaves(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _leaves(part)
    elif value is not None and not isinstance(value, bool):
        yield value


def shown(value: Any) -> Any:
    """Parameters as the invocation shows them: credentials and Secret data replaced, text that holds a Secret too."""
    if isinstance(value, Mapping):
        secret = value.get("kind") == "Secret"
        hidden = ("data", "stringData") if secret else _CREDENTIALS
        return {
            str(key): "***"
            if part and (key in hidden or (key == "kubeconfig" and not isinstance(part, str)))
            else shown(part)
            for key, part in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [shown(part) for part in value]
    if isinstance(value, str) and "Secret" in value and "\n" in value:
        return "*** (text with a Secret)"
    return value


_CREDENTIALS = ("api_key", "password", "proxy_headers", "proxy")


def conceal(value: Any, hidden: Iterable[str]) -> Any:
    """The value with these texts replaced wherever they stand."""
    texts = sorted(hidden, key=len, reverse=True)
    if not texts:
        return value
    long = [text for text in texts if len(text) > _LONG]
    short = re.compile("|".join(map(re.escape, texts[len(long) :])) or r"(?!)")

    def clean(text: str) -> str:
        for each in long:
            text = text.replace(each, "***")
        return short.sub("***", text)

    return _concealed(value, clean)


def _concealed(value: Any, clean: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {key: _concealed(part, clean) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_concealed(part, clean) for part in value]
    return clean(value) if isinstance(value, str) else value

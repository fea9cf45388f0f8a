"""Fetches a file over HTTPS and holds it against its checksum."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from urllib.error import URLError

from ..core.api.errors import PlatformError

TIMEOUT = 60  # seconds without a byte
LIMIT = 64 << 20  # bytes; the largest release manifest known has 4 MiB


def fetch(url: str, checksum: str) -> bytes:
    """The content of a URL, which must have the checksum ``sha256:<hex>``. Proxies are those of the environment."""
    from ansible.module_utils.urls import open_url

    _digest(checksum, url)
    try:
        with open_url(url, timeout=TIMEOUT, http_agent="groundwork.platform") as answer:
            content: bytes = answer.read(LIMIT + 1)
    except (OSError, URLError, ValueError) as error:
        raise PlatformError(f"cannot fetch {url}: {getattr(error, 'reason', None) or error}") from None
    if len(content) > LIMIT:
        raise PlatformError(f"cannot fetch {url}: it has more than {LIMIT >> 20} MiB")
    verify(content, checksum, url)
    return content


def verify_file(path: str, checksum: str) -> None:
    """Raises PlatformError unless the file has the checksum."""
    try:
        verify(Path(path).read_bytes(), checksum, path)
    except OSError as error:
        raise PlatformError(f"cannot check {path}: {(error.strerror or str(error)).lower()}") from None


def verify(content: bytes, checksum: str, what: str) -> None:
    """Raises PlatformError unless `checksum` (``sha256:<hex>``) is the content's."""
    found = hashlib.sha256(content).hexdigest()
    if found != _digest(checksum, what):
        raise PlatformError(f"{what} is not what it should be: its checksum is sha256:{found}, not {checksum}")


def _digest(checksum: str, what: str) -> str:
    kind, _, digest = checksum.partition(":")
    if kind != "sha256" or not re.fullmatch(r"[0-9a-fA-F]{64}", digest):
        raise PlatformError(f"cannot check {what}: its checksum is not of the form sha256:<64 hexadecimal digits>")
    return digest.lower()

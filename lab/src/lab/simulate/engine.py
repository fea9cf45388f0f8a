# mypy: disable-error-code="import-not-found,import-untyped"
"""What the simulation takes from the collection: its client, its rows, its footprints. Imported from the checkout."""

from __future__ import annotations

import sys
from dataclasses import replace

from .. import paths
from ..errors import LabError

_COLLECTIONS = paths.PACKAGE.parent / ".cache" / "collections"
if str(_COLLECTIONS) not in sys.path:
    if not (_COLLECTIONS / "ansible_collections").is_dir():
        raise LabError(
            "the collection is not linked, and the simulated operators run on its client: `make setup` first"
        )
    sys.path.insert(0, str(_COLLECTIONS))

from ansible_collections.groundwork.platform.plugins.module_utils.core.api.client import (  # noqa: E402
    APPLY,
    MERGE,
    Client,
)
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.connection import Connection  # noqa: E402
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.discovery import (  # noqa: E402
    Discovery,
    Resource,
)
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import (  # noqa: E402
    ApiError,
    Expired,
    PlatformError,
    Stopped,
)
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.objects import Object, get  # noqa: E402
from ansible_collections.groundwork.platform.plugins.module_utils.core.builders import build, merged  # noqa: E402
from ansible_collections.groundwork.platform.plugins.module_utils.core.footprint import Footprint  # noqa: E402
from ansible_collections.groundwork.platform.plugins.module_utils.core.readiness.rule import (  # noqa: E402
    READY,
    evaluate,
)
from ansible_collections.groundwork.platform.plugins.module_utils.footprints import FOOTPRINTS  # noqa: E402
from ansible_collections.groundwork.platform.plugins.module_utils.registry import RULES as _ROWS  # noqa: E402

RULES = {key: replace(row, follows=()) for key, row in _ROWS.items()}  # what a status alone says

__all__ = [
    "APPLY",
    "FOOTPRINTS",
    "MERGE",
    "READY",
    "RULES",
    "ApiError",
    "Client",
    "Connection",
    "Discovery",
    "Expired",
    "Footprint",
    "Object",
    "PlatformError",
    "Resource",
    "Stopped",
    "build",
    "evaluate",
    "get",
    "merged",
]

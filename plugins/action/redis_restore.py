"""The action of the module of the same name."""

from __future__ import annotations

from ansible_collections.groundwork.platform.plugins.plugin_utils.manage import ActionModule  # noqa: F401

from ..modules import redis_restore  # noqa: F401 - loaded before the fork

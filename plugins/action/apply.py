"""The action of the module of the same name."""

from __future__ import annotations

from ansible_collections.groundwork.platform.plugins.modules import apply  # noqa: F401 - before the fork
from ansible_collections.groundwork.platform.plugins.plugin_utils.manage import ActionModule  # noqa: F401

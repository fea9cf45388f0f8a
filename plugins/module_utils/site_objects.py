"""The objects that the roles of the foundation make of a host's variables. Pure.

A role is here when its options stand in variables of the same names and it keeps one set of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator

from .core.api.errors import PlatformError
from .core.api.objects import Object
from .core.sets.options import Options
from .systems import addons, certificates, storage, tenancy

ROLES: dict[str, tuple[Options, Callable[..., list[Object]]]] = {
    "storage": (storage.OPTIONS, storage.storage),
    "addons": (addons.OPTIONS, addons.addons),
    "tenancy": (tenancy.OPTIONS, tenancy.tenancy),
    "certificates": (certificates.OPTIONS, certificates.certificates),
}


def options(role: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """What the role's module makes of its variables, those left out aside. Raises PlatformError as the module would."""
    spec = ROLES[role][0].spec
    own = {name: variables[f"{role}_{name}"] for name in spec if f"{role}_{name}" in variables}
    checked = ModuleArgumentSpecValidator({name: spec[name] for name in own}).validate(own)
    if checked.error_messages:
        raise PlatformError(f"{role}: {checked.error_messages[0]}")
    return {name: value for name, value in checked.validated_parameters.items() if value is not None}

"""Users, profiles and quotas of a ClickHouse cluster as the operator's settings; passwords stay in Secrets. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.builders import present
from .words import flat, from_secret

Row = Mapping[str, Any]


def users(row: Row) -> dict[str, Any]:
    """Every user; one without networks is reached from the cluster's own pods only, which is the operator's default."""
    return flat({user["name"]: _user(user) for user in row["users"]})


def _user(user: Row) -> dict[str, Any]:
    form = user["password_form"]
    password = from_secret(user["password_secret"], user.get("password_key") or form)
    return {
        form: password,
        **present(
            profile=user.get("profile"),
            quota=user.get("quota"),
            networks=present(ip=user["networks"]),
            allow_databases=present(database=user["databases"]),
            grants=present(query=user["grants"]),
            access_management=1 if user["access_management"] else None,
        ),
    }


def profiles(row: Row) -> dict[str, Any]:
    """Settings by profile, one path each."""
    return flat(row["profiles"])


def quotas(row: Row) -> dict[str, Any]:
    """Limits by quota; their interval is a level of its own in the server's configuration."""
    return flat({name: {"interval": limits} for name, limits in row["quotas"].items()})

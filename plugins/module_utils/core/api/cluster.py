"""Tells which cluster answers, and refuses the wrong one: another than the pinned one, or a lab where none may be.

Asked once a run: tasks that follow find the answer in the run's folder.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from . import runfolder
from .client import Client
from .errors import ApiError, Class, PlatformError
from .objects import get

# The annotation of the namespace kube-system that only lab clusters carry (docs/lab.md).
MARK = "lab.groundwork.platform/cluster"
ALLOWED, REQUIRED, REFUSED = LAB = ("allowed", "required", "refused")
_HOME = "/api/v1/namespaces/kube-system"


class Identity(NamedTuple):
    """uid: of the namespace kube-system; lab: the lab cluster's name, empty where it is none."""

    uid: str
    lab: str


def verify(client: Client, pinned: str | None, lab: str) -> None:
    """Returns where this is the pinned cluster (any, where none is pinned) and a lab or none, as `lab` says.

    Sends nothing where nothing is asked for. Raises PlatformError.
    """
    if not pinned and lab == ALLOWED:
        return
    found = _identity(client)
    if pinned and found.uid != pinned:
        raise PlatformError(
            f"refused: {client.server} is cluster {found.uid}, and cluster_uid pins {pinned}. "
            "Correct the connection, or cluster_uid if the cluster was built anew on purpose"
        )
    if lab == REQUIRED and not found.lab:
        raise PlatformError(
            f"refused: {client.server} is no lab cluster, and lab: required runs on nothing else. "
            "Name a cluster that `lab up` started"
        )
    if lab == REFUSED and found.lab:
        raise PlatformError(
            f"refused: {client.server} is the lab cluster {found.lab}, and lab: refused keeps what is meant for real "
            "clusters away from it. Correct the connection, or add the rehearsal's overlay"
        )


def _identity(client: Client) -> Identity:
    kept = runfolder.current().sub("cluster", client.server, client.user, runfolder.environment())
    known = kept.read("identity")
    if not isinstance(known, dict):
        known = _ask(client)._asdict()
        kept.write("identity", known)
    return Identity(**known)


def _ask(client: Client) -> Identity:
    try:
        home: Any = client.request("GET", _HOME, about="the cluster's identity").data
    except ApiError as error:
        if error.kind is not Class.FORBIDDEN:
            raise
        raise PlatformError(
            f"cannot tell which cluster {client.server} is: {error}. Give the user the right to get the namespace "
            "kube-system, or leave out cluster_uid and lab"
        ) from error
    return Identity(
        str(get(home, "metadata", "uid", default="")), str(get(home, "metadata", "annotations", MARK, default=""))
    )

"""Tells what holds an object that is being deleted: its finalizers, and what a namespace says is left in it."""

from __future__ import annotations

from .matchers import value, values


def held_by(obj: object) -> str:
    """`finalizers: a/b; Some resources are remaining: pods. has 1 resource instances`; empty where nothing is named.

    A namespace's conditions are the namespace controller's (k8s.io/kubernetes pkg/controller/namespace/deletion):
    those that are True say what its deletion waits for.
    """
    finalizers = [each for each in values(obj, "metadata.finalizers[]") if isinstance(each, str)]
    named = [f"finalizers: {', '.join(finalizers)}"] if finalizers else []
    if (value(obj, "apiVersion"), value(obj, "kind")) != ("v1", "Namespace"):
        return "; ".join(named)
    told = (value(each, "message") for each in values(obj, "status.conditions[]") if value(each, "status") == "True")
    return "; ".join([*named, *(str(each).rstrip(". ") for each in told if each)])

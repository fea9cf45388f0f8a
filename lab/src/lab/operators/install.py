"""Installs operators on a cluster, and waits until they are available."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

import yaml

from .. import progress
from ..cluster import Cluster
from ..crds import apply_crds, connected
from ..kubectl import kubectl
from ..real import profile
from . import authority, manifests
from .manifests import Object
from .recipe import Recipe, load

FIRST = ("CustomResourceDefinition", "Namespace")
PATIENCE = 180  # seconds


def install(cluster: Cluster, names: Iterable[str]) -> None:
    """Operators and what they need; what is there as wanted stays as it is. All start before one is waited for."""
    recipes = in_order(names)
    for recipe in recipes:
        with progress.step(f"{cluster.name}: operator {recipe.name}") as tell:
            _put(cluster, recipe, tell)
    for recipe in recipes:
        if recipe.ready:
            with progress.step(f"{cluster.name}: operator {recipe.name} available"):
                _wait(cluster, recipe)


def in_order(names: Iterable[str]) -> list[Recipe]:
    """The recipes of these names, each once, after those that it needs."""
    found: dict[str, Recipe] = {}
    for name in names:
        recipe = load(name)
        found |= {need.name: need for need in in_order(recipe.needs) if need.name not in found}
        found.setdefault(name, recipe)
    return list(found.values())


def _put(cluster: Cluster, recipe: Recipe, tell: progress.Tell) -> None:
    tell("images")
    if recipe.all_images:
        profile.load_images(cluster, recipe.all_images)
    if recipe.crds:
        tell("CustomResourceDefinitions")
        apply_crds(cluster.kubeconfig, recipe.crds)
    if recipe.simulated:
        authority.start(cluster)
    tell("objects")
    _apply(cluster, manifests.objects(recipe))
    _make_secrets(cluster, recipe)


def _apply(cluster: Cluster, objects: list[Object]) -> None:
    first = [each for each in objects if each["kind"] in FIRST]
    rest = [each for each in objects if each["kind"] not in FIRST]
    for some in (first, rest):
        if some:
            text = yaml.safe_dump_all(some)
            options = ("--server-side", "--force-conflicts", "--field-manager=groundwork-lab")
            kubectl(cluster, "apply", *options, "--filename=-", stdin=text)
    definitions = {each["metadata"]["name"] for each in first if each["kind"] == FIRST[0]}
    if definitions:  # kubectl's own wait takes conditions that nobody has written yet for an error
        with connected(cluster.kubeconfig) as server:
            server.wait(definitions, PATIENCE, lambda _: None)


def _make_secrets(cluster: Cluster, recipe: Recipe) -> None:
    for place, keys in recipe.secrets.items():
        namespace, name = place.split("/")
        there = kubectl(cluster, "get", "secret", name, "-n", namespace, "--ignore-not-found", "-o", "name")
        if not there.strip():
            metadata = {"name": name, "namespace": namespace}
            values = {key: secrets.token_hex(16) for key in keys}
            made = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": values}
            kubectl(cluster, "create", "--filename=-", stdin=yaml.safe_dump(made))


def _wait(cluster: Cluster, recipe: Recipe) -> None:
    for each in recipe.ready:
        namespace, kind, name = each.split("/")
        condition = "condition=Available"
        options = ("--namespace", namespace, f"--for={condition}", f"--timeout={PATIENCE}s")
        kubectl(cluster, "wait", *options, f"{kind}/{name}", timeout=PATIENCE + 30)

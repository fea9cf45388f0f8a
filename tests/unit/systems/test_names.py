"""Data systems called alike in one namespace make no object twice, and none that another's operator makes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from typing import Any

from ansible_collections.groundwork.platform.plugins.module_utils import footprints
from ansible_collections.groundwork.platform.plugins.module_utils.core.names import System
from support.cases import CASES, Case, render, set_name

NAME, NAMESPACE = "alike", "data"
# What only accompanies a system: nobody connects to it by name, and no operator derives a name from it.
ACCOMPANYING = {"CronJob", "NetworkPolicy", "PodDisruptionBudget", "PodMonitor", "PrometheusRule"}
# Names that operators choose, and Redis without one as its operator would: here two systems do meet, and a set's
# ownership, or the operator that comes second, says so.
MET = {("Service", NAME)}

Named = tuple[str, str]


def named(obj: dict[str, Any]) -> Named:
    return obj["kind"], obj["metadata"]["name"]


def same_name(case: Case) -> list[dict[str, Any]]:
    return render(case.module, {**case.content["options"], "name": NAME, "namespace": NAMESPACE})


@cache
def made() -> dict[str, dict[Named, dict[str, Any]]]:
    """Each data system's objects in all its cases, all of one name; modules that keep the same set are one system."""
    found: dict[str, dict[Named, dict[str, Any]]] = defaultdict(dict)
    for case in CASES:
        system, _, rest = set_name(case.module).partition("-")
        if rest == "{name}" and "objects" in case.content:
            found[system] |= {named(obj): obj for obj in same_name(case)}
    return found


def derived(system: str) -> Iterator[Named]:
    """What the operators of a system make of its objects."""
    for obj in made()[system].values():
        key = f"{obj['apiVersion'].rpartition('/')[0]}/{obj['kind']}"
        if key in footprints.FOOTPRINTS:
            children = footprints.FOOTPRINTS[key]({**obj, "metadata": {**obj["metadata"], "uid": "1"}})
            yield from map(named, (*children.objects, *children.pods, *children.claims))


def test_all_data_systems_are_compared() -> None:
    assert set(made()) == {"clickhouse", "kafka", "postgres", "rabbitmq", "redis"}


def test_no_object_of_two_systems_has_one_name() -> None:
    for one, other in combinations(made(), 2):
        assert not made()[one].keys() & made()[other].keys(), (one, other)


def test_no_object_has_the_name_of_what_another_systems_operator_makes() -> None:
    met = {
        name for one in made() for other in made() if one != other for name in made()[one].keys() & set(derived(other))
    }
    assert met == MET


def test_what_accompanies_a_system_holds_its_name() -> None:
    for system, objects in made().items():
        for kind, name in objects:
            assert kind not in ACCOMPANYING or f"{name}-".startswith(f"{NAME}-{system}-"), f"{kind} {name}"


def test_a_long_name_of_a_cron_job_is_cut_and_stays_its_own() -> None:
    system = System("redis", "Redis")
    assert system.cron_job({"name": "limits"}, "backup") == "limits-redis-backup"
    assert system.cron_job({"name": "a" * 39}, "backup") == "a" * 39 + "-redis-backup"
    cut = [system.cron_job({"name": "a" * length}, "backup") for length in (40, 41)]
    assert [len(name) for name in cut] == [52, 52]
    assert len(set(cut)) == 2
    assert len(system.beside({"name": "a" * 40}, "backup")) == 53

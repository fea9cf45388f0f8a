"""Every requirement that docs/traceability.md calls met, read from clusters that site.yml built from production.

One test for each requirement and cluster: `pytest -k S0-10` is the test of S0-10.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from support.lab import LabCluster
from support.rehearsal import rehearsed, run
from support.traceability import ALL_ROLES, ROLES, Live, Value, hosts, values
from support.traceability_page import PAGE, met, page, requirements, rows

pytestmark = pytest.mark.skipif(
    not requirements.CATALOGUE.is_file(), reason=f"the catalogue {requirements.CATALOGUE} is not here"
)
# One cluster a product; LAB_SITES=all adds the second regions, which repeat the first's values, or names hosts.
SECOND = {"llmkg_us_east_1", "data_vault_eu_west_1"}
ASKED = os.environ.get("LAB_SITES", "")
CHOSEN = set(ASKED.split(",")) if ASKED not in ("", "all") else set(hosts()) - (set() if ASKED else SECOND)
HOSTS = [host for host in hosts() if host in CHOSEN]
# Without LAB_SITES the data systems are built and read where most of them are.
WITH_DATA = HOSTS if ASKED else ["research_lab_prod"]


def roles(host: str) -> tuple[str, ...]:
    return ALL_ROLES if host in WITH_DATA else tuple(ROLES)


@cache
def shown(host: str) -> list[Value]:
    """The host's values that are read, each with its places in what is built there."""
    there = hosts()[host].identities(roles(host))
    found = [
        value._replace(readings=tuple(each for each in value.readings if each[:4] in there)) for value in values(host)
    ]
    return [value for value in found if value.readings]


def built(cluster: LabCluster, host: str, folder: Path) -> Live:
    """The objects of a host's cluster, once site.yml has built it."""
    done = run(folder, "site", "production", [cluster], [host], "--tags", ",".join(roles(host)))
    assert done.returncode == 0, done.stdout + done.stderr
    kinds = {f"{kind}.{api.partition('/')[0] if '/' in api else ''}".rstrip(".") for api, kind in read_kinds(host)}
    found = json.loads(cluster.kubectl("get", ",".join(sorted(kinds)), "--all-namespaces", "--output=json"))
    return Live(found["items"])


def read_kinds(host: str) -> set[tuple[str, str]]:
    return {(reading.api, reading.kind) for value in shown(host) for reading in value.readings}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Live]]:
    """The objects of a host's cluster. One cluster stands at a time; what could not be built is not tried again."""
    found: dict[str, Live | AssertionError] = {}
    with contextlib.ExitStack() as standing:

        def live(host: str) -> Live:
            if host not in found:
                standing.close()
                cluster = standing.enter_context(rehearsed("production", host, hosts()[host].custom_kinds(roles(host))))
                try:
                    found[host] = built(cluster, host, tmp_path_factory.mktemp(host))
                except AssertionError as error:
                    found[host] = error
            result = found[host]
            if isinstance(result, AssertionError):
                raise result
            return result

        yield live


def cited(host: str, identifier: str) -> list[Value]:
    return [value for value in shown(host) if identifier in value.ids]


def pairs() -> list[tuple[str, str]]:
    """Each host with each requirement that it cites."""
    if not requirements.CATALOGUE.is_file():
        return []
    return [(host, identifier) for host in HOSTS for identifier in rows("Met") if cited(host, identifier)]


@pytest.mark.parametrize(("host", "identifier"), pairs())
def test_the_cluster_has_what_the_inventory_says(host: str, identifier: str, site: Callable[[str], Live]) -> None:
    live = site(host)
    assert [words for value in cited(host, identifier) for words in live.complaints(value)] == []


def test_a_changed_value_is_noticed() -> None:
    """The reading itself: a server that has the changed inventory's objects is complained of, value by value."""
    host = HOSTS[0]
    for value in values(host):
        for reading in value.readings:
            assert reading.wanted != reading.other, str(reading)
    first = next(value for value in values(host) if value.readings)
    assert Live([]).complaints(first)


def test_the_page_is_current() -> None:
    assert PAGE.read_text() == page(), "run `make docs`"


def test_something_is_met() -> None:
    assert rows("Met") == met()
    assert len(met()) > 50

"""The inventories of the four products: complete, without contradictions, and true to the numbers that they cite."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator
from ansible_collections.groundwork.platform.plugins.module_utils.inventory_checks import violations
from ansible_collections.groundwork.platform.plugins.module_utils.systems import addons, certificates, storage, tenancy
from support import requirements
from support.inventories import ENVIRONMENTS, INVENTORIES, variables

ROLES: dict[str, tuple[Any, Any]] = {
    "storage": (storage.OPTIONS, storage.storage),
    "addons": (addons.OPTIONS, addons.addons),
    "tenancy": (tenancy.OPTIONS, tenancy.tenancy),
    "certificates": (certificates.OPTIONS, certificates.certificates),
}
HOSTS = {
    "production": {
        "research_lab_prod", "workflow_platform_prod", "llmkg_us_west_2", "llmkg_us_east_1", "data_vault_us_west_2",
        "data_vault_eu_west_1",
    },
}  # fmt: skip
GIB = 2**30

needs_catalogue = pytest.mark.skipif(
    not requirements.CATALOGUE.is_file(), reason=f"the catalogue {requirements.CATALOGUE} is not here"
)


def files(environment: str) -> set[str]:
    folder = INVENTORIES / environment
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_inventory_contradicts_itself_nowhere(environment: str) -> None:
    assert violations(variables(environment)) == []


def test_the_example_contradicts_itself_nowhere() -> None:
    assert violations(variables("example")) == []


def test_production_has_the_clusters_of_the_four_products() -> None:
    assert set(variables("production")) == HOSTS["production"]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_ansible_lists_an_inventory_without_warning(environment: str) -> None:
    command = [
        str(Path(sys.executable).with_name("ansible-inventory")),
        "--inventory",
        str(INVENTORIES / environment),
        "--list",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert set(json.loads(done.stdout)["_meta"]["hostvars"]) == set(variables(environment))


@pytest.mark.parametrize("environment", ENVIRONMENTS[1:])
def test_environments_have_the_same_files(environment: str) -> None:
    assert files(environment) == files("production")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_foundation_renders(environment: str, role: str) -> None:
    """With the modules' own options: what they refuse is no option, and what they render has no twins."""
    options, render = ROLES[role]
    for host, values in variables(environment).items():
        given = {name: values[f"{role}_{name}"] for name in options.spec if f"{role}_{name}" in values}
        checked = ModuleArgumentSpecValidator(options.spec, **options.constraints()).validate(given)
        assert checked.error_messages == [], host
        taken = {name: value for name, value in checked.validated_parameters.items() if value is not None}
        objects = render(**taken)
        names = [(o["kind"], o["metadata"].get("namespace"), o["metadata"]["name"]) for o in objects]
        assert names, f"{host}: {role} renders nothing"
        assert len(names) == len(set(names)), host


# IDs


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_citations_are_found(environment: str) -> None:
    """Whatever looks like an ID behind a value has the one form; an ID in a line of its own is prose."""
    found = {(each.path, each.line) for each in requirements.citations(INVENTORIES / environment)}
    for path in (INVENTORIES / environment).rglob("*.yml"):
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            value, mark, comment = line.partition(" # ")
            if mark and value.strip() and requirements.ID.search(comment) and not re.search(r"\(.*\)$", comment):
                assert (path, number) in found, f"{path.name}:{number}: {line}"
    assert found


def test_a_citation_is_told_from_prose() -> None:
    one = requirements.CITATION.match("    pods: 200 # S0-10, N-07")
    assert one is not None
    assert (one["value"], one["ids"]) == ("    pods: 200", "S0-10, N-07")
    assert requirements.CITATION.match("    pods: 200 # X-21: why") is not None
    for other in ("# S0-10", "pods: 200", "pods: 200 # after S0-10", "pods: 200 # S5-10", "pods: 200 # S0-1"):
        assert requirements.CITATION.match(other) is None, other


@needs_catalogue
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_cited_requirement_is_in_the_catalogue(environment: str) -> None:
    known = requirements.catalogue()
    assert len(known) > 700
    for each in requirements.citations(INVENTORIES / environment):
        assert set(each.ids) <= set(known), f"{each.path.name}:{each.line}: {each.value}"


@needs_catalogue
def test_the_numbers_of_production_are_those_of_their_requirements() -> None:
    """Where a line cites specifications alone, each number that it sets stands in one of their rows."""
    known, checked, wrong = requirements.catalogue(), 0, []
    for each in requirements.citations(INVENTORIES / "production"):
        match = SETS_NUMBERS.match(each.value)
        if match and all(identifier.startswith("S") for identifier in each.ids):
            rows = " ".join(known[identifier].partition("|")[2] for identifier in each.ids)
            said = numbers(re.sub(r"(\d)K\b", r"\g<1>000", rows.replace(",", "")))
            for number, unit in re.findall(r"(\d+(?:\.\d+)?)([A-Za-z%]*)", match["amounts"] or match["number"]):
                checked += 1
                if not said & readings(number, unit):
                    wrong.append(
                        f"{each.path.parent.name}/{each.path.name}:{each.line}: {number}{unit} is not in: {rows}"
                    )
    assert wrong == []
    assert checked > 200


# A line that sets one number, or amounts of resources or storage; names and lists hold numbers of their own.
AMOUNTS = "resources|requests|limits|storage|log_storage|wal_storage|max|min|default|default_request|claim|pod"
SETS_NUMBERS = re.compile(rf"\s*(?:- )?(?:(?:{AMOUNTS}): (?P<amounts>\{{.*\}})|[\w./-]+: (?P<number>[\d.]+\w*%?))$")


def numbers(text: str) -> set[Decimal]:
    return {Decimal(number) for number in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", text)}


def readings(number: str, unit: str) -> set[Decimal]:
    """A number as it stands, hours as days, parts of one as per cent."""
    value = Decimal(number)
    return {value} | ({value / 24} if unit == "h" else set()) | ({value * 100} if value < 1 else set())

"""Writes docs/traceability.md, which requirements are met and how: `python -m support.traceability_page`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

from support import requirements
from support.role_docs import ROOT
from support.traceability import PRODUCTION, Value, dotted, hosts, values

PAGE = ROOT / "docs" / "traceability.md"
LIVE = ROOT / "tests" / "integration"
# Rows that say more than holds, because another row corrects what else they say.
CORRECTED = {
    "S0-09": "N-08",
    "S0-11": "D0-04",
    "S0-12": "X-25",
    "S0-34": "D0-21",
    "S0-44": "D0-30",
    "S1-54": "X-18",
    "S3-08": "N-09",
    "S3-62": "D3-12",
}
# Systems whose roles are there; a requirement that none of them is asked for is met in part at most.
SYSTEMS = ("U02", "U03", "U04", "U05", "U08", "U09", "U10", "U11", "U12")
# Rows that ask for more, in words, than the values that cite them show; "not read": the role always sets it.
MORE = {
    "S0-39": "the Service's template is not read",
    "S0-66": "the exporter's image is not read",
    "S1-29": "most add-ons come with their charts or the provider",
    "S1-36": "workloads",
    "S1-57": "the claim, which the operator makes",
    "S3-27": "PeerAuthentication",
    "S3-55": "the claim, which the operator makes",
    "S3-123": "Aurora's parameter group",
    "S4-34": "ingress and autoscalers",
    "S4-53": "External Secrets, encryption of etcd",
    "X-04": "long-term tiers",
    "D0-18": "enableSuperuserAccess is not read",
    "D0-19": "the PodMonitor is not read",
    "D0-20": "the operator's chart",
    "D0-23": "the reference to the template is not read",
    "D0-29": "the endpoint's setting is not read",
    "D0-31": "server TLS",
    "D0-33": "the workers' authentication is not read",
    "D0-34": "authorization is not read",
    "D1-02": "istio-cni",
    "D1-03": "workloads",
    "D3-27": "Aurora's cluster",
    "G-03": "definitions",
}
_MILLISECONDS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")


class State(NamedTuple):
    """What is known of one requirement."""

    read: list[Value]
    unread: list[Value]
    unsaid: set[Decimal]
    elsewhere: str

    @property
    def word(self) -> str:
        if self.read and not self.unread and not self.unsaid and not self.elsewhere:
            return "met"
        return "partly" if self.read else "not yet"


@cache
def states() -> dict[str, State]:
    """The state of every requirement of the catalogue."""
    cited: dict[str, list[Value]] = {}
    for host in hosts():
        for value in values(host):
            for identifier in value.ids:
                cited.setdefault(identifier, []).append(value)
    return {identifier: _state(identifier, row, cited.get(identifier, [])) for identifier, row in catalogue().items()}


def catalogue() -> dict[str, str]:
    return requirements.catalogue()


def _state(identifier: str, row: str, found: Iterable[Value]) -> State:
    found = list(found)
    unsaid = set[Decimal]() if not identifier.startswith("S") or identifier in CORRECTED else _asked(row) - _said(found)
    elsewhere = MORE.get(identifier, "") or ("" if _in_scope(identifier, row) else "other systems")
    return State([v for v in found if v.readings], [v for v in found if not v.readings], unsaid, elsewhere)


def _in_scope(identifier: str, row: str) -> bool:
    """Whether the systems whose roles are there are asked for it; of a defect, for a row that has it."""
    mine = {"S": identifier, "D": row.partition("|")[0]}.get(identifier[0])
    return mine is None or bool(_listed(mine) & _scope())


@cache
def _scope() -> set[str]:
    return {each for system in SYSTEMS for each in _listed(catalogue()[system].split("|")[-2])}


def _listed(text: str) -> set[str]:
    """The IDs of a list like `S0-02..14,18; S1-30`."""
    found = set[str]()
    for prefix, numbers in re.findall(r"(S\d-)(\d[\d.,/ ]*)", text):
        for first, last in re.findall(r"(\d+)(?:\.\.(\d+))?", numbers):
            found |= {f"{prefix}{number:02d}" for number in range(int(first), int(last or first) + 1)}
    return found


def _asked(row: str) -> set[Decimal]:
    """The numbers of a row's exact values."""
    exact = row.split("|")[2]
    exact = re.sub(r"(?<=\d),(?=\d{3}(?!\d))|Route ?53", "", exact)
    exact = re.sub(r"(\d)e(\d)\b", lambda power: power[1] + "0" * int(power[2]), exact)
    exact = requirements.ID.sub("", re.sub(r"(\d)K\b", r"\g<1>000", exact))
    return {Decimal(number) for number in _NUMBER.findall(exact)}


def _said(found: Iterable[Value]) -> set[Decimal]:
    """The numbers of the lines that cite a row, in every form that a specification may write them in."""
    said = set[Decimal]()
    for path, line in {(value.path, value.line) for value in found}:
        text = path.read_text().splitlines()[line - 1].partition(" # ")[0]
        for number, unit in re.findall(r"(?<![\w.])(\d+(?:\.\d+)?)([A-Za-z%]*)", text):
            value = Decimal(number)
            said |= {value} | ({value / 24} if unit == "h" else set()) | ({value * 100} if value < 1 else set())
            said |= {value * _MILLISECONDS[unit]} if unit in _MILLISECONDS else set()
    return said


@cache
def tests_by_name() -> dict[str, list[str]]:
    """Tests against an API server that carry a requirement's ID in their name, by ID."""
    found: dict[str, list[str]] = {}
    for path in sorted(LIVE.rglob("test_*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and (match := re.match(r"test_([a-z]\d?_\d{2,3})_", node.name)):
                identifier = match[1].upper().replace("_", "-")
                found.setdefault(identifier, []).append(f"{path.relative_to(ROOT / 'tests')}::{node.name}")
    return found


def met() -> list[str]:
    """IDs of requirements whose every cited value is read."""
    return [identifier for identifier, state in states().items() if state.word == "met"]


def rows(section: str) -> list[str]:
    """The IDs in a section's table of the page as it is written."""
    part = PAGE.read_text().partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| ([A-Z]\d?-?\d+) \|", part, re.MULTILINE)


def page() -> str:
    """The page."""
    found = states()
    named = tests_by_name()
    sections = [
        _OPENING,
        _counts(found, named),
        "## Met\n\nOf several places where a value is read, one is named.\n",
        _table(("ID", "in production", "read from"), [_met_row(i, s) for i, s in found.items() if s.word == "met"]),
        "\n## Seen to be refused or repaired by tests of their own\n",
        _table(("ID", "test"), [(i, "<br>".join(f"`{name}`" for name in tests)) for i, tests in sorted(named.items())]),
        "\n## Partly\n\nWhat is missing belongs to layers that are not there yet, or is said by no line.\n",
        _table(("ID", "read", "missing"), [_partly_row(i, s) for i, s in found.items() if s.word == "partly"]),
        "\n## Not yet\n",
        _not_yet([i for i, s in found.items() if s.word == "not yet" and i not in named]),
    ]
    return "\n".join(sections)


_OPENING = """\
<!-- Written by `python -m support.traceability_page` in the folder tests; a test compares. -->
# Traceability

Which requirements of the five specifications are met, and how that is known. IDs are those of the inventories'
comments.

A line of `inventories/production` that ends with an ID cites it. Each value of such a line is changed, one at a time,
and the cluster's objects are rendered anew, whether they could work or not: where they differ is where the value is
seen. A test reads these places from the API server of a lab cluster that `site.yml` built from the inventory as it
stands, and asks that they hold the inventory's value and not the changed one (`tests/integration/traceability`, one
test for each requirement and cluster). Operators do not run there: of a data system its resources are read, not what an
operator makes of them; in CI those of research_lab, with `LAB_SITES=all` (`make certify`) those of all.

- **met**: every value of every line that cites it is read so; these lines say every number of the requirement, or
  another requirement corrects it; and the systems that it is asked of have their roles.
- **partly**: some values are.
- **not yet**: none is. The role that reads the value is not there yet, or nothing cites it.

A defect of the specifications (D), a contradiction (X) and a wrong sum (N) is met in the same way; besides, some have a
test of their own, which shows what the API server makes of the defect. Nodes, networks and cloud resources are no
objects of the API server that the collection applies: their numbers shape the lab cluster and the inventory's checks,
and count as not yet.
"""


def _counts(found: Mapping[str, State], named: Mapping[str, list[str]]) -> str:
    rows = []
    groups = [("S" + str(n), f"S{n}-") for n in range(5)]
    groups += [("defects of S" + str(n), f"D{n}-") for n in range(5)]
    groups += [("contradictions", "X-"), ("sums", "N-"), ("gaps", "G-"), ("procedures", "P"), ("systems", "U")]
    for name, prefix in groups:
        mine = {i: s for i, s in found.items() if i.startswith(prefix)}
        words = [s.word for s in mine.values()]
        own = sum(1 for i in mine if i in named)
        rows.append((name, len(mine), words.count("met"), words.count("partly"), words.count("not yet"), own))
    total = ("**all**", *(sum(row[i] for row in rows) for i in range(1, 6)))
    cluster = [s.word for i, s in found.items() if i.startswith("S") and catalogue()[i].rstrip(" |").endswith("| CB")]
    rows += [
        total,
        ("of S0 to S4: area CB", len(cluster), *(cluster.count(w) for w in ("met", "partly", "not yet")), ""),
    ]
    return _table(("", "rows", "met", "partly", "not yet", "with a test of their own"), rows)


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    head = list(head)
    lines = [" | ".join(head), "|".join("---" for _ in head), *(" | ".join(map(str, row)) for row in rows)]
    return "\n".join(f"| {lines[i]} |" if i != 1 else f"|{lines[i]}|" for i in range(len(lines))) + "\n"


def _met_row(identifier: str, state: State) -> tuple[str, str, str]:
    first = state.read[0]
    more = len({(value.path, value.place) for value in state.read}) - 1
    where = f"`{_file(first)}` {_shown(dotted(first.place))}" + (f" and {more} more" if more else "")
    return identifier, where, _shown(str(_best(first)))


def _best(value: Value) -> object:
    """The reading nearest to the value: one of its own field rather than of an object's name."""
    return next(
        (r for r in value.readings if r.kind == "Namespace" or r.path[-1] == value.place[-1]), value.readings[0]
    )


def _partly_row(identifier: str, state: State) -> tuple[str, str, str]:
    read = {(value.path, value.place) for value in state.read}
    unread = sorted({_file(value) for value in state.unread})
    missing = [*(f"`{file}`" for file in unread)]
    missing += [state.elsewhere] if state.elsewhere else []
    missing += [f"numbers {', '.join(str(n) for n in sorted(state.unsaid))}"] if state.unsaid else []
    return identifier, f"{len(read)} values", ", ".join(missing)


def _file(value: Value) -> str:
    return str(Path(*value.path.relative_to(PRODUCTION).parts[1:]))


def _shown(text: str) -> str:
    return f"`{text}`"


def _not_yet(identifiers: Iterable[str]) -> str:
    """IDs by their specification, neighbours as a range."""
    lines: dict[str, list[str]] = {}
    for identifier in identifiers:
        prefix, number = re.fullmatch(r"([A-Z]\d-|[A-Z]-|[A-Z])(\d+)", identifier).groups()  # type: ignore[union-attr]
        lines.setdefault(prefix, []).append(number)
    return "\n".join(f"- {prefix}{', '.join(_ranges(numbers))}" for prefix, numbers in lines.items()) + "\n"


def _ranges(numbers: list[str]) -> list[str]:
    found: list[list[str]] = []
    for number in numbers:
        if found and int(number) == int(found[-1][-1]) + 1:
            found[-1].append(number)
        else:
            found.append([number])
    return [group[0] if len(group) == 1 else f"{group[0]}..{group[-1]}" for group in found]


if __name__ == "__main__":
    PAGE.write_text(page())

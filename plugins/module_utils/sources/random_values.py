"""Finds what a chart makes up anew on every rendering, and keeps what is live instead. Pure.

Charts make up certificates (genCA), passwords (randAlphaNum) and timestamps (now), and expect Helm's ``lookup`` or a
single installation. Rendered twice, such values differ. A value that is live stays; text around it may not change
unseen, so the parts of a text that both renderings share must be there in the live text too.
"""

from __future__ import annotations

import base64
import copy
import datetime
import difflib
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..core.api.errors import PlatformError
from ..core.api.objects import Object, Ref, get, ref

Path = tuple[str | int, ...]

# What the checksum annotations of an object were last made of; a changed one means that pods must restart.
INPUTS_ANNOTATION = "groundwork.platform/random-inputs"
MASK = "\0"

_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)
_WORDS = re.compile(r"([\s\"'`:@,;=&?(){}\[\]<>|]+)")  # what separates words, kept by re.split
_EPOCH = re.compile(r"(?<![0-9.])[1-9][0-9]{9}(?:[0-9]{3}|[0-9]{6}|[0-9]{9})?(?![0-9.])")
_DATED = re.compile(r"(20\d\d)[-/.]?([01]\d)[-/.]?([0-3]\d)[-T_ .]?([0-2]\d)[-:.h]?([0-5]\d)[-:.m]?([0-5]\d)(?:\.\d+)?")
_COMPARED = 1500  # words; comparing is quadratic
_SLACK = datetime.timedelta(seconds=30)


class Random(NamedTuple):
    """A leaf that a chart makes up: the object, the path, the first rendering's value, and what must stay around it.

    around: the pieces of text that must follow each other, with anything in between; None for what is no text.
    """

    ref: Ref
    path: Path
    value: Any
    around: tuple[str, ...] | None

    def __str__(self) -> str:
        return f"{self.ref} {dotted(self.path)}"


def dotted(path: Path) -> str:
    """``spec.containers[0].env`` as errors show a path."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def find(first: Sequence[Object], second: Sequence[Object], *, now: datetime.datetime) -> list[Random]:
    """The leaves that differ between two renderings, or that hold the time of rendering.

    Raises PlatformError where not a value but an object, a key or a list's length is made up: nothing live can be kept.
    """
    others = {ref(obj): obj for obj in second}
    gone = [item for item in map(ref, first) if item not in others]
    if gone:
        raise PlatformError(
            f"{gone[0]} has another name on every rendering, so it would be made again on every run;"
            " set its name in the values, or turn it off"
        )
    return [found for obj in first for found in _differences(ref(obj), obj, others[ref(obj)], now, ())]


def _differences(owner: Ref, first: Any, second: Any, now: datetime.datetime, path: Path) -> Iterator[Random]:
    if isinstance(first, dict) and isinstance(second, dict) and first.keys() == second.keys():
        for key in first:
            yield from _differences(owner, first[key], second[key], now, (*path, key))
    elif isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        for index, pair in enumerate(zip(first, second, strict=True)):
            yield from _differences(owner, *pair, now, (*path, index))
    elif isinstance(first, (dict, list)) or isinstance(second, (dict, list)):
        raise PlatformError(
            f"{owner} {dotted(path)} has other keys or items on every rendering, so nothing live can be kept;"
            " set it in the values, or turn it off"
        )
    elif isinstance(first, str) and isinstance(second, str):
        ours, theirs = _timeless(_readable(first), now), _timeless(_readable(second), now)
        if first != second or MASK in ours:
            yield Random(owner, path, first, _around(_PEM.sub(MASK, ours), _PEM.sub(MASK, theirs)))
    elif first != second:
        yield Random(owner, path, first, None)


def _readable(value: str) -> str:
    """The text of base64 (Secret data, caBundle); anything else as it is."""
    if len(value) < 8 or len(value) % 4:
        return value
    try:
        text = base64.b64decode(value, validate=True).decode()
    except ValueError:  # no base64, no UTF-8
        return value
    return text if text.isprintable() or "\n" in text else value


def _timeless(text: str, now: datetime.datetime) -> str:
    """The text without the time it is now."""
    text = _DATED.sub(lambda match: MASK if _is_now(match, now) else match[0], text)
    return _EPOCH.sub(lambda match: MASK if abs(int(match[0][:10]) - now.timestamp()) <= 30 else match[0], text)


def _is_now(match: re.Match[str], now: datetime.datetime) -> bool:
    """Local times count too: every offset of a quarter of an hour is some zone's."""
    try:
        when = datetime.datetime(*(int(part) for part in match.groups()), tzinfo=datetime.UTC)  # type: ignore[arg-type,misc]
    except ValueError:
        return False
    apart = abs(when - now)
    return apart < datetime.timedelta(hours=15) and min(apart % _QUARTER, -apart % _QUARTER) <= _SLACK


_QUARTER = datetime.timedelta(minutes=15)


def _around(first: str, second: str) -> tuple[str, ...]:
    """What both texts share, in pieces. Certificates and keys are gaps: their lines prove nothing."""
    ours, theirs = _WORDS.split(first), _WORDS.split(second)
    pieces, position = [""], 0
    for start, size in _shared(ours, theirs):
        constant = "".join(ours[start : start + size])
        if constant and not re.search(r"\w|\0", constant):
            constant = MASK  # separators prove nothing
        if start > position:
            constant = MASK + constant
        head, *rest = constant.split(MASK)
        pieces[-1] += head
        pieces += rest
        position = start + size
    inner = [piece for piece in pieces[1:-1] if piece]
    return tuple(pieces) if len(pieces) == 1 else (pieces[0], *inner, pieces[-1])


def _shared(ours: list[str], theirs: list[str]) -> list[tuple[int, int]]:
    """Where runs of words of ours stand in both, and how long they are; of very long texts only start and end."""
    if max(len(ours), len(theirs)) <= _COMPARED:
        blocks = difflib.SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks()
        return [(block.a, block.size) for block in blocks]
    head = _alike(ours, theirs)
    tail = min(_alike(ours[::-1], theirs[::-1]), len(ours) - head, len(theirs) - head)
    return [(0, head), (len(ours) - tail, tail)]


def _alike(ours: list[str], theirs: list[str]) -> int:
    """How many words both begin with."""
    pairs = enumerate(zip(ours, theirs, strict=False))
    return next((index for index, pair in pairs if pair[0] != pair[1]), min(len(ours), len(theirs)))


def _fits(text: str, pieces: tuple[str, ...]) -> bool:
    """Whether a text is these pieces in this order, with anything in between."""
    if len(pieces) == 1:
        return text == pieces[0]
    first, *inner, last = pieces
    position, end = len(first), len(text) - len(last)
    if position > end or not text.startswith(first) or not text.endswith(last):
        return False
    for piece in inner:
        found = text.find(piece, position, end)
        if found < 0:
            return False
        position = found + len(piece)
    return True


def mask(objects: Sequence[Object], randoms: Sequence[Random]) -> list[Object]:
    """The objects with every made-up value blanked: what a hash of the rendering may depend on."""
    result = {ref(obj): copy.deepcopy(obj) for obj in objects}
    for random in randoms:
        if random.ref in result:
            _set(result[random.ref], random.path, MASK)
    return list(result.values())


def keep(objects: Sequence[Object], randoms: Sequence[Random], live: Mapping[Ref, Object]) -> list[Object]:
    """The objects with every made-up value that is live as it is live.

    `live` holds the live objects among those that `randoms` name. What is live nowhere is new and stays as rendered.
    Raises PlatformError where text around a made-up value changed, and where a part of what belongs together (the key
    of a certificate that others still trust) is gone: it cannot be kept and cannot be made up anew alone.
    """
    result = {ref(obj): copy.deepcopy(obj) for obj in objects}
    values = [random for random in randoms if not _is_checksum(random)]
    known = _known(values, live)
    for random in values:
        _set(result[random.ref], random.path, _kept(random, known, live, values))
    _checksums(result, [random for random in randoms if _is_checksum(random)], {r.ref for r in values}, live)
    return list(result.values())


def _known(values: Sequence[Random], live: Mapping[Ref, Object]) -> dict[str, str]:
    """By what a value reads when rendered: what it reads live. A CA stands in a Secret and in webhooks."""
    pairs: dict[str, str] = {}
    for random in values:
        there = get(live.get(random.ref), *random.path)
        if isinstance(random.value, str) and isinstance(there, str) and there:
            pairs.setdefault(_readable(random.value), _readable(there))
    return pairs


def _kept(random: Random, known: Mapping[str, str], live: Mapping[Ref, Object], values: Sequence[Random]) -> Any:
    there = get(live.get(random.ref), *random.path, default="")
    if there != "":
        if isinstance(there, str) and random.around and not _fits(_readable(there), random.around):
            raise PlatformError(
                f"{random} mixes a value that the chart makes up on every rendering with text that differs from what"
                " is live; set the made-up value in the values, so that the text can change"
            )
        return there
    if isinstance(random.value, str) and _readable(random.value) in known:
        value = known[_readable(random.value)]
        encoded = _readable(random.value) != random.value
        return base64.b64encode(value.encode()).decode() if encoded else value
    if random.ref not in live:
        _refuse_lost(random, known, values, live)
    return random.value


def _refuse_lost(
    random: Random, known: Mapping[str, str], values: Sequence[Random], live: Mapping[Ref, Object]
) -> None:
    """A missing object may be made anew only if nothing that is live goes with it."""
    siblings = {_readable(other.value) for other in values if other.ref == random.ref and isinstance(other.value, str)}
    for other in values:
        if other.ref in live and isinstance(other.value, str) and _readable(other.value) in siblings & known.keys():
            raise PlatformError(
                f"{random} is made up by the chart and gone, while {other} still goes with it;"
                f" restore {random.ref}, or delete {other.ref} too and both are made anew"
            )


def _is_checksum(random: Random) -> bool:
    return "annotations" in random.path and "checksum" in str(random.path[-1]).lower()


def _checksums(
    result: dict[Ref, Object], checksums: Sequence[Random], inputs: set[Ref], live: Mapping[Ref, Object]
) -> None:
    """A checksum over made-up values stays live until what was kept really changes; then pods restart, once."""
    if not checksums:
        return
    config = [item for item in sorted(inputs) if item.kind in ("Secret", "ConfigMap")]
    content = [result[item] for item in config or sorted(inputs)]
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    for random in checksums:
        before = get(live.get(random.ref), "metadata", "annotations", INPUTS_ANNOTATION, default=digest)
        there = get(live.get(random.ref), *random.path)
        _set(result[random.ref], random.path, there if there and before == digest else digest)
        meta = result[random.ref]["metadata"]
        meta["annotations"] = {**(meta.get("annotations") or {}), INPUTS_ANNOTATION: digest}


def _set(obj: Any, path: Path, value: Any) -> None:
    for step in path[:-1]:
        obj = obj[step]
    obj[path[-1]] = value

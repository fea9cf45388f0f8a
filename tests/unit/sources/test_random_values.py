"""What a chart makes up: found, kept as it is live, or refused by name."""

from __future__ import annotations

import base64
import copy
import datetime
import random
from typing import Any

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.errors import PlatformError
from ansible_collections.groundwork.platform.plugins.module_utils.core.api.objects import Object, ref
from ansible_collections.groundwork.platform.plugins.module_utils.sources import random_values

NOW = datetime.datetime(2026, 11, 21, 8, 30, 0, tzinfo=datetime.UTC)


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def certificate(body: str) -> str:
    return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"


def obj(kind: str, name: str, **parts: Any) -> Object:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "data"}, **parts}


def live(*objects: Object) -> dict[Any, Object]:
    return {ref(item): item for item in objects}


def kept(first: list[Object], second: list[Object], *there: Object, now: datetime.datetime = NOW) -> list[Object]:
    before = copy.deepcopy(first)
    result = random_values.keep(first, random_values.find(first, second, now=now), live(*there))
    assert first == before, "the rendering is left as it was"
    return result


def tls(ca: str, key: str) -> list[Object]:
    """What charts make of genCA: a Secret, and a webhook that trusts it."""
    return [
        obj("Secret", "tls", data={"ca.crt": b64(certificate(ca)), "tls.key": b64(key)}),
        obj("Hook", "webhook", webhooks=[{"caBundle": b64(certificate(ca))}]),
    ]


def test_equal_renderings_make_nothing_up() -> None:
    assert random_values.find(tls("A", "k"), tls("A", "k"), now=NOW) == []


@pytest.mark.parametrize("value", ["naïve text", "\N{EN DASH}" * 8, "AAAA", "/////w==", "8080808=", ""])
def test_text_that_only_looks_like_base64_is_text(value: str) -> None:
    first, second = [obj("C", "c", v=value)], [obj("C", "c", v="x")]
    assert random_values.find(first, first, now=NOW) == []
    assert [item.value for item in random_values.find(first, second, now=NOW)] == [value]


def test_nothing_live_means_the_first_rendering() -> None:
    assert kept(tls("A", "k"), tls("B", "l")) == tls("A", "k")


def test_what_is_live_stays() -> None:
    assert kept(tls("A", "k"), tls("B", "l"), *tls("LIVE", "x")) == tls("LIVE", "x")


def test_what_is_new_and_belongs_to_what_is_live_is_taken_from_there() -> None:
    secret = tls("LIVE", "x")[0]
    assert kept(tls("A", "k"), tls("B", "l"), secret) == tls("LIVE", "x")


def test_the_lost_half_of_a_certificate_is_refused_naming_both_halves() -> None:
    webhook = tls("LIVE", "x")[1]
    with pytest.raises(PlatformError) as caught:
        kept(tls("A", "k"), tls("B", "l"), webhook)
    message = str(caught.value)
    assert message.startswith("Secret data/tls data.tls.key is made up by the chart and gone, while Hook data/webhook")
    assert "delete Hook data/webhook too" in message


def test_a_new_password_beside_a_live_one_is_made_up_once() -> None:
    first = [obj("Secret", "p", data={"a": b64("rendered-a1"), "b": b64("rendered-b1")})]
    second = [obj("Secret", "p", data={"a": b64("rendered-a2"), "b": b64("rendered-b2")})]
    there = obj("Secret", "p", data={"a": b64("live-a")})
    assert kept(first, second, there)[0]["data"] == {"a": b64("live-a"), "b": b64("rendered-b1")}


def config(password: str, level: str = "info") -> list[Object]:
    text = f"# settings\nurl = postgres://app:{password}@db:5432/app\nlevel = {level}\n"
    return [obj("ConfigMap", "c", data={"app.conf": text})]


def test_a_password_inside_a_text_stays_while_the_text_stays() -> None:
    assert kept(config("aaaa"), config("bbbb"), *config("live")) == config("live")


@pytest.mark.parametrize("level", ["debug", "inf", "info2"])
def test_text_that_changes_around_a_made_up_value_is_refused_and_not_lost(level: str) -> None:
    with pytest.raises(PlatformError, match=r"ConfigMap data/c data.app.conf mixes a value that the chart makes up"):
        kept(config("aaaa", level), config("bbbb", level), *config("live"))


def test_text_in_a_secret_is_read_through_its_base64() -> None:
    def secret(password: str, level: str) -> Object:
        return obj("Secret", "s", data={"c": b64(config(password, level)[0]["data"]["app.conf"])})

    there = secret("live", "info")
    assert kept([secret("aaaa", "info")], [secret("bbbb", "info")], there) == [there]
    with pytest.raises(PlatformError, match="mixes a value"):
        kept([secret("aaaa", "debug")], [secret("bbbb", "debug")], there)


@pytest.mark.parametrize(
    "stamp",
    [
        "2026-11-21T08:30:01Z", "2026-11-21 08:29:50.123 +0000 UTC", "20261121083005", "1795249801", "1795249801123",
        "2026-11-21T10:30:01+02:00", "made-1795249810",
    ],
)  # fmt: skip
def test_the_time_of_rendering_is_made_up_though_both_renderings_agree(stamp: str) -> None:
    rendered = [obj("ConfigMap", "c", data={"rendered": stamp, "level": "info"})]
    there = obj("ConfigMap", "c", data={"rendered": stamp.replace("1", "0"), "level": "info"})
    found = random_values.find(rendered, rendered, now=NOW)
    assert [item.path for item in found] == [("data", "rendered")]
    if not stamp.startswith("made"):
        assert kept(rendered, rendered, there) == [there]


@pytest.mark.parametrize("stamp", ["2024-01-01T08:30:01Z", "1695249801", "5432", "1.36.3", "20251121083005"])
def test_another_time_is_a_value_like_any_other(stamp: str) -> None:
    assert random_values.find([obj("C", "c", v=stamp)], [obj("C", "c", v=stamp)], now=NOW) == []


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        (obj("Job", "a-x1"), obj("Job", "a-x2"), "Job data/a-x1 has another name on every rendering"),
        (obj("C", "c", data={"k1": ""}), obj("C", "c", data={"k2": ""}), "C data/c data has other keys or items"),
        (obj("C", "c", l=[1]), obj("C", "c", l=[1, 2]), "C data/c l has other keys or items"),
        (obj("C", "c", l=[{"x": {}}]), obj("C", "c", l=[{"x": 1}]), "C data/c l[0].x has other keys or items"),
    ],
)
def test_what_cannot_be_kept_is_refused(first: Object, second: Object, says: str) -> None:
    with pytest.raises(PlatformError) as caught:
        random_values.find([first], [second], now=NOW)
    assert says in str(caught.value)


def app(password: str, checksum: str, level: str = "info") -> list[Object]:
    template = {"metadata": {"annotations": {"checksum/secret": checksum}}}
    return [
        obj("Secret", "s", data={"p": b64(password), "level": b64(level)}),
        obj("Deployment", "d", spec={"template": template}),
    ]


def checksum_of(objects: list[Object]) -> str:
    value: str = objects[1]["spec"]["template"]["metadata"]["annotations"]["checksum/secret"]
    return value


def test_a_checksum_over_made_up_values_changes_only_when_what_is_kept_does() -> None:
    installed = kept(app("rendered1", "c1"), app("rendered2", "c2"))
    again = kept(app("rendered3", "c3"), app("rendered4", "c4"), *installed)
    assert again == installed
    changed = kept(app("rendered5", "c5", "debug"), app("rendered6", "c6", "debug"), *installed)
    assert checksum_of(changed) != checksum_of(installed)
    assert changed[0]["data"] == {"p": installed[0]["data"]["p"], "level": b64("debug")}
    assert kept(app("rendered7", "c7", "debug"), app("rendered8", "c8", "debug"), *changed) == changed


def test_a_release_taken_over_from_helm_keeps_its_checksums_so_that_no_pod_restarts() -> None:
    helms = app("live-password", "helms-checksum")
    taken = kept(app("rendered1", "c1"), app("rendered2", "c2"), *helms)
    assert checksum_of(taken) == "helms-checksum"


def test_a_hash_of_the_rendering_leaves_made_up_values_out() -> None:
    first, second, third = tls("A", "k"), tls("B", "l"), tls("C", "m")
    one = random_values.mask(first, random_values.find(first, second, now=NOW))
    two = random_values.mask(third, random_values.find(third, second, now=NOW))
    assert one == two
    assert one != first


@pytest.mark.parametrize(
    ("text", "pieces", "fits"),
    [
        ("abc", ("abc",), True),
        ("abcd", ("abc",), False),
        ("a-x-b", ("a-", "-b"), True),
        ("a-b", ("a-", "-b"), False),
        ("a1b2c", ("a", "b", "c"), True),
        ("a1c2b", ("a", "b", "c"), False),
        ("", ("", ""), True),
    ],
)
def test_pieces_fit_in_order_and_do_not_overlap(text: str, pieces: tuple[str, ...], fits: bool) -> None:
    assert random_values._fits(text, pieces) is fits


def test_long_made_up_text_takes_no_time_to_compare() -> None:
    def long(seed: int, words: int) -> list[Object]:
        maker = random.Random(seed)
        text = "".join(maker.choice("abc :=") for _ in range(words))
        return [obj("C", "c", v=f"head {text} tail")]

    for words in (3_000, 300_000):
        first, second, there = long(1, words), long(2, words), long(3, words)
        found = random_values.find(first, second, now=NOW)
        assert len(found) == 1
        changed = [obj("C", "c", v=there[0]["v"].replace("tail", "other"))]
        with pytest.raises(PlatformError, match="mixes a value"):
            kept(first, second, *changed)

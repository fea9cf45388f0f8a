"""RabbitMQ's startup probe: which tags of an image ask for the operator's older one."""

import pytest
from ansible_collections.groundwork.platform.plugins.module_utils.systems.rabbitmq.cluster import startup_probe


@pytest.mark.parametrize(
    ("image", "older"),
    [
        (None, False),
        ("rabbitmq", False),
        ("rabbitmq:management", False),
        ("rabbitmq:4.2-management", False),
        ("rabbitmq:4.2.4", False),
        ("docker.io/library/rabbitmq:4.3.0-management", False),
        ("registry.example.com:3.1/rabbitmq", False),
        ("registry.example.com:5000/rabbitmq:v3.13.7", True),
        ("rabbitmq:4.1", True),
        ("rabbitmq:4.2.3-management", True),
        ("lab.local/rabbitmq:4.0.5@sha256:00", True),
    ],
)
def test_an_older_image_is_told_by_its_tag(image: str | None, older: bool) -> None:
    assert bool(startup_probe({"image": image})) == older

"""Writes a page: one HTML file that needs nothing but itself, from a template beside this file."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import jinja2

from ..core.api.errors import PlatformError

_TEMPLATES = Path(__file__).parent / "templates"


def write(dest: str, template: str, **values: Any) -> str:
    """The absolute path of the page; a reader sees the old one or the whole new one. Raises PlatformError."""
    path = Path(dest).expanduser().absolute()
    if not _TEMPLATES.is_dir():
        raise PlatformError(f"cannot write {path}: pages are written where the playbook runs (connection: local)")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partly = path.with_name(f".{path.name}.{os.getpid()}")
        partly.write_text(render(template, **values))
        partly.replace(path)
    except OSError as error:
        raise PlatformError(f"cannot write {path}: {error.strerror}. Give another dest") from error
    return str(path)


def render(template: str, **values: Any) -> str:
    """The page as text; everything that comes from a cluster or an inventory is escaped."""
    loader = jinja2.FileSystemLoader(_TEMPLATES)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    made = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    return environment.get_template(template).render(made=made, **values)

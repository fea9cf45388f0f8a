"""The built artifact holds what users need and nothing else, and passes Ansible's sanity tests that run offline.

The others (import, validate-modules, pep8, yamllint, ansible-doc, changelog, runtime-metadata, pylint, pslint,
shellcheck) make an environment of their own from pinned packages; `make lint` covers their ground.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from support.artifact import install, run

OFFLINE = (
    "action-plugin-docs",
    "compile",
    "empty-init",
    "ignores",
    "line-endings",
    "no-assert",
    "no-get-exception",
    "no-illegal-filenames",
    "no-smart-quotes",
    "replace-urlopen",
    "shebang",
    "symlinks",
    "use-argspec-type-path",
    "use-compat-six",
)
SHIPPED = {
    "CHANGELOG.md",
    "FILES.json",
    "LICENSE",
    "MANIFEST.json",
    "README.md",
    "changelogs",
    "docs",
    "examples",
    "inventories",
    "meta",
    "playbooks",
    "plugins",
    "requirements.yml",
    "roles",
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = install(tmp_path_factory.mktemp("artifact"))
    run("git", "init", "-q", cwd=folder)
    run("git", "add", "-A", cwd=folder)
    return folder


def test_it_holds_what_users_need_and_nothing_else(installed: Path) -> None:
    found = {path.name for path in installed.iterdir()} - {".git"}
    assert found <= SHIPPED
    assert {"plugins", "meta", "README.md", "LICENSE"} <= found


def test_sanity(installed: Path) -> None:
    tests = [part for name in OFFLINE for part in ("--test", name)]
    run("ansible-test", "sanity", "--python", "3.11", *tests, cwd=installed, LC_ALL="C.UTF-8")

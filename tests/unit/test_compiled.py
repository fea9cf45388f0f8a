"""The collection's files are loaded with Python's cache of bytecode, in Ansible's own process."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from ansible_collections.groundwork.platform.plugins.plugin_utils.compiled import Compiled

ROOT = Path(__file__).parents[2]
OWN = "ansible_collections.groundwork.platform.plugins."
PLAY = """
- hosts: localhost
  gather_facts: false
  tasks:
    - groundwork.platform.wait_ready: {kubeconfig: /nowhere}
"""


def test_our_files_come_from_their_bytecode() -> None:
    found = Compiled.find_spec(f"{OWN}module_utils.core.run", [str(ROOT / "plugins/module_utils/core")])
    assert found
    assert found.cached
    assert found.cached.endswith(".pyc")


def test_what_is_not_ours_or_no_package_is_left_to_ansible() -> None:
    assert Compiled.find_spec("ansible_collections.community.general.plugins.x", [str(ROOT / "plugins")]) is None
    assert Compiled.find_spec(f"{OWN}module_utils.nothing", [str(ROOT / "plugins/module_utils")]) is None
    assert Compiled.find_spec(f"{OWN}module_utils", None) is None


def test_a_play_compiles_none_of_our_files(tmp_path: Path) -> None:
    """Python says of every import which loader it came by; folders without a file of their own are Ansible's."""
    (tmp_path / "play.yml").write_text(PLAY)
    play = str(Path(sys.executable).with_name("ansible-playbook"))
    done = subprocess.run(
        [sys.executable, "-v", play, str(tmp_path / "play.yml")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, "a play that asks for no cluster"
    loaders = dict(re.findall(rf"^import '{re.escape(OWN)}(module_utils\.[\w.]+)' # <?(\w+)", done.stderr, re.M))
    files = {loader for name, loader in loaders.items() if not (ROOT / "plugins" / name.replace(".", "/")).is_dir()}
    assert len(loaders) > 50
    assert files == {"_frozen_importlib_external"}, loaders

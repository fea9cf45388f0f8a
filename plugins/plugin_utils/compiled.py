"""Lets Python load the collection's own files, with its cache of bytecode: Ansible compiles each anew in every process.

Half of what a small task took was that. Where the cache cannot be written, all is as it was.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, ModuleSpec, SourceFileLoader
from types import ModuleType

_OWN = __name__.rpartition(".plugin_utils.")[0] + "."


class Compiled:
    """A finder for what lies below our plugins; a folder that is no package is left to Ansible."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if not name.startswith(_OWN):
            return None
        for folder in path or ():
            found = FileFinder(folder, (SourceFileLoader, SOURCE_SUFFIXES)).find_spec(name, target)
            if found and found.loader:
                return found
        return None


def begin() -> None:
    """From now on; once in a process."""
    if Compiled not in sys.meta_path:
        sys.meta_path.insert(0, Compiled)

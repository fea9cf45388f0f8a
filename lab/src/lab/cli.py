"""The command line `lab`."""

from __future__ import annotations

import argparse
import sys

from . import doctor, faults, lifecycle, snapshot, status
from .errors import LabError

MODULES = (
    lifecycle,
    status,
    faults,
    snapshot,
    doctor,
)  # each has register(commands), which adds subcommands with set_defaults(run=...)


def parser() -> argparse.ArgumentParser:
    """All subcommands of all modules."""
    top = argparse.ArgumentParser(prog="lab", description="Real Kubernetes from package registries in one command.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for module in MODULES:
        module.register(commands)
    return top


def main() -> int:
    """Runs one subcommand; 1 and a sentence when it cannot be done, 2 on wrong usage."""
    options = parser().parse_args()
    try:
        options.run(options)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("lab: interrupted", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The command line `lab`."""

from __future__ import annotations

import argparse
import os
import signal
import sys

from . import crd_commands, doctor, faults, lifecycle, overlay, requests, snapshot, status, trace_commands
from .errors import LabError
from .images import commands as images
from .operators import commands as operators
from .simulate import commands as simulate

# Each has register(commands), which adds its subcommands with set_defaults(run=function of the parsed options).
MODULES = (
    lifecycle,
    overlay,
    status,
    requests,
    faults,
    snapshot,
    crd_commands,
    doctor,
    images,
    operators,
    trace_commands,
    simulate,
)


def parser() -> argparse.ArgumentParser:
    """All subcommands of all modules."""
    top = argparse.ArgumentParser(prog="lab", description="Real Kubernetes from package registries in one command.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for module in MODULES:
        module.register(commands)
    return top


def main() -> int:
    """Runs one subcommand; 1 and a sentence when it cannot be done, 2 on wrong usage."""
    for ending in (signal.SIGTERM, signal.SIGHUP):  # so that what was begun is undone
        signal.signal(ending, lambda number, _: sys.exit(128 + number))
    options = parser().parse_args()
    try:
        options.run(options)
        sys.stdout.flush()
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # `lab logs | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        print(f"lab: {error.filename or 'the system'}: {error.strerror or error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("lab: interrupted", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())

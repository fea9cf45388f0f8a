"""ClickHouse's own engine in one process (chdb), asked line by line: a JSON text in, code, output and errors out.

It is no server: there is one host, no Keeper and no DDL queue. What needs them is taken out of a statement here, and
the tests that use this say so.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

_CONFIGURATION = """<clickhouse>
<macros><installation>main</installation><cluster>main</cluster><shard>0</shard><replica>0</replica></macros>
<remote_servers><main><shard><replica><host>127.0.0.1</host><port>9000</port></replica></shard></main></remote_servers>
<backups><allowed_disk>backups</allowed_disk></backups>
<storage_configuration><disks><backups><type>local</type><path>{folder}/backups/</path></backups></disks>
</storage_configuration></clickhouse>"""
# What a single process without a Keeper does not have.
_WITHOUT = (
    (re.compile(r" ON CLUSTER '\{cluster\}'"), ""),
    (re.compile(r"Replicated(\w*MergeTree)\('[^']*', '[^']*'\)"), r"\1"),
    (re.compile(r"cluster\('\{cluster\}', (system\.\w+)\)"), r"\1"),
)


def main(folder: Path) -> None:
    """Answers until its input ends."""
    from chdb import session

    (folder / "backups").mkdir(parents=True)
    configuration = folder / "config.xml"
    configuration.write_text(_CONFIGURATION.format(folder=folder))
    engine = session.Session(f"{folder}/data?config-file={configuration}")
    for line in sys.stdin:
        statement = json.loads(line)
        for pattern, instead in _WITHOUT:
            statement = pattern.sub(instead, statement)
        try:
            answer = (0, str(engine.query(statement, "JSONEachRow")), "")
        except Exception as error:
            answer = (1, "", str(error))
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Databases and roles as SQL for psql that changes nothing when it is run again; nothing is ever dropped. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Row = Mapping[str, Any]


def script(row: Row) -> str:
    """What psql is to run as the server's administrator; empty where no database and no role is asked for.

    Passwords are not in it: psql reads them from its environment (PASSWORD_<index of the role>).
    """
    lines = [line for index, role in enumerate(row["roles"]) for line in _role(index, role)]
    first = {"name": row["database"], "owner": row.get("owner"), "extensions": row["extensions"], "schemas": []}
    databases = [*([first] if row["extensions"] or row.get("owner") else []), *row["databases"]]
    lines += [line for database in databases for line in _database(database)]
    return "\n".join(["\\set ON_ERROR_STOP on", *lines, ""]) if lines else ""


def name(text: str) -> str:
    """A name, quoted."""
    return '"' + text.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text, quoted; a backslash stands for itself, as the SQL standard has it."""
    return "'" + text.replace("'", "''") + "'"


def _role(index: int, role: Row) -> Iterator[str]:
    who = name(role["name"])
    there = f"SELECT FROM pg_roles WHERE rolname = {literal(role['name'])}"
    yield f"SELECT {literal(f'CREATE ROLE {who}')} WHERE NOT EXISTS ({there}) \\gexec"
    flags = {"LOGIN": "login", "CREATEDB": "create_database", "CREATEROLE": "create_role"}
    rights = " ".join(word if role[key] else f"NO{word}" for word, key in flags.items())
    yield f"ALTER ROLE {who} {rights} CONNECTION LIMIT {role['connection_limit']};"
    if role.get("password_secret"):
        yield f"\\getenv password PASSWORD_{index}"
        yield f"ALTER ROLE {who} PASSWORD :'password';"
    for each in role["member_of"]:
        yield f"GRANT {name(each)} TO {who};"


def _database(database: Row) -> Iterator[str]:
    what, owner = name(database["name"]), database.get("owner")
    belongs = f" OWNER {name(owner)}" if owner else ""
    if owner:  # an administrator of a cloud's server is no superuser, and gives databases to roles of his only
        mine = f"pg_has_role(current_user, {literal(owner)}, 'USAGE')"
        yield f"SELECT {literal(f'GRANT {name(owner)} TO CURRENT_USER')} WHERE NOT {mine} \\gexec"
    there = f"SELECT FROM pg_database WHERE datname = {literal(database['name'])}"
    yield f"SELECT {literal(f'CREATE DATABASE {what}{belongs}')} WHERE NOT EXISTS ({there}) \\gexec"
    yield f"\\connect {what}"
    for each in database["extensions"]:
        version = f" VERSION {literal(each['version'])}" if each.get("version") else ""
        schema = f" SCHEMA {name(each['schema'])}" if each.get("schema") else ""
        yield f"CREATE EXTENSION IF NOT EXISTS {name(each['name'])}{schema}{version};"
    for each in database["schemas"]:
        yield f"CREATE SCHEMA IF NOT EXISTS {name(each)} AUTHORIZATION {name(str(owner))};"

"""People who sign in, and tokens for programs."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from engine.people import people
from engine.storage import database, published_versions
from engine.storage.database import Connection
from training import demo
from web.cli.console import Console, Failure
from web.cli.words import Commands, add_command, add_group


def add_to(commands: Commands) -> None:
    """Add these commands to the command line."""
    user = add_group(commands, "user", "people who sign in")
    add = add_command(user, "add", add_user, "add a person, or bring them up to date")
    add.add_argument("name")
    add.add_argument("--display-name", required=True)
    add.add_argument("--role", action="extend", nargs="+", required=True, metavar="ROLE")
    add.add_argument("--pack", help="whose person this is; without it, everybody's")
    add.add_argument("--manager", metavar="NAME", help="user name of their manager")
    token = add_group(commands, "token", "secrets for programs")
    create = add_command(token, "create", create_token, "print a new bearer token")
    create.add_argument("--user", required=True, metavar="NAME")


def add_user(console: Console, given: argparse.Namespace) -> None:
    """Add a person; roles and pack must be known, so that a slip does not lock them out."""
    with database.transaction(console.connect()) as connection:
        known = _known_roles(connection, given.pack)
        if wrong := sorted(set(given.role) - known):
            raise Failure(f"There is no role {wrong[0]}; there are {', '.join(sorted(known))}.")
        manager = given.manager
        if manager not in (None, given.name) and people.get_person(connection, manager) is None:
            raise Failure(f"There is nobody called {manager}.")
        people.add_person(
            connection,
            given.name,
            display_name=given.display_name,
            roles=given.role,
            pack=given.pack,
            manager=manager,
            now=console.now(connection),
        )
        added = people.get_person(connection, given.name)
    assert added is not None
    console.say(f"{added.name} can {', '.join(added.roles)}.", asdict(added))


def _known_roles(connection: Connection, pack: str | None) -> set[str]:
    packs = [row for row in published_versions.list_packs(connection) if pack in (None, row.pack)]
    if pack is not None and not packs:
        raise Failure(f"No pack {pack} has been published.")
    named = [
        published_versions.get_definition(connection, row.definition).pack.roles for row in packs
    ]
    return {*demo.EVERYWHERE, *(role for roles in named for role in roles)}


def create_token(console: Console, given: argparse.Namespace) -> None:
    """Print a bearer token alone on its line; it cannot be shown again."""
    with database.transaction(console.connect()) as connection:
        if people.actor_named(connection, given.user) is None:
            raise Failure(f"There is nobody called {given.user}.")
        token = people.create_token(connection, given.user, now=console.wall)
    console.say(token, {"user": given.user, "token": token})

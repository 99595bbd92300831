"""Publish a pack: check it, then put it in force under the hash of its content."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.context import Context
from engine.domain import Domain
from engine.errors import Finding, PackOvertaken, PackRefused
from engine.packs.version import Definition
from engine.people import permissions
from engine.publishing.check import check_definition
from engine.storage import tables
from engine.storage.published_versions import Files


def checked(files: Files, *, domain: Domain) -> Definition:
    """Return the version that a whole pack's files make, once every check has passed it.

    Takes seconds, and no database: nobody's transaction waits for it.

    Raises:
        PackRefused: a check found an error; the findings say what to mend.
    """
    definition = Definition(files)
    findings = check_definition(definition, domain=domain)
    if any(finding.severity == "error" for finding in findings):
        raise PackRefused(findings)
    return definition


def put_in_force(
    ctx: Context, definition: Definition, *, reason: str, instead_of: str | None
) -> None:
    """Keep a checked version and make it the one that new cases begin on; running ones keep theirs.

    Putting the version in force again changes nothing.

    Args:
        instead_of: the hash of the version that was in force when this one was checked, None if
            there was none.

    Raises:
        NotPermitted: the actor is no process owner.
        PackRefused: it is another council's pack.
        PackOvertaken: another version was put in force meanwhile; check against that one.
    """
    permissions.require_role(ctx.actor, permissions.PUBLISHES, "publish a pack")
    if ctx.actor.pack not in (None, definition.pack.id):
        message = f"This is the pack {definition.pack.id}; you own {ctx.actor.pack}."
        raise PackRefused([Finding("error", "pack.toml", "id", "owner", message)])
    newest = _newest(ctx.connection, definition.pack.id)
    in_force = None if newest is None else newest.definition
    if in_force == definition.hash:
        return
    if in_force != instead_of:
        raise PackOvertaken(definition.pack.id)
    _keep_files(ctx.connection, definition)
    number = 1 if newest is None else newest.number + 1
    _keep_publication(ctx, definition, number=number, reason=reason)


def _keep_files(connection: Connection, definition: Definition) -> None:
    table = tables.definition_file
    known = connection.scalar(
        sa.select(sa.func.count()).where(table.c.definition == definition.hash)
    )
    if not known:
        connection.execute(
            table.insert(),
            [
                {"definition": definition.hash, "path": path, "content": content}
                for path, content in definition.files.items()
            ],
        )


def _newest(connection: Connection, pack: str) -> Any:
    """Return the newest publication of a pack, None if it was never published."""
    p = tables.publication.c
    query = sa.select(p.number, p.definition).where(p.pack == pack)
    return connection.execute(query.order_by(p.number.desc()).limit(1)).one_or_none()


def _keep_publication(ctx: Context, definition: Definition, *, number: int, reason: str) -> None:
    ctx.connection.execute(
        tables.publication.insert().values(
            pack=definition.pack.id,
            number=number,
            definition=definition.hash,
            title=definition.pack.title,
            published_at=ctx.now,
            published_by=ctx.actor.name,
            reason=reason,
        )
    )

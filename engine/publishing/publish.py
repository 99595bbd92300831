"""Publish a pack: check its files, keep them under the hash of their content."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.context import Context
from engine.errors import Finding, PackRefused
from engine.packs.version import Definition
from engine.people import permissions
from engine.publishing.check import check_definition
from engine.storage import tables
from engine.storage.published_versions import Files, hash_of

MAX_FILE = 2_000_000
MAX_FILES = 200


def publish(ctx: Context, files: Files, *, reason: str) -> str:
    """Publish a whole pack for new cases and return its hash; running cases keep theirs.

    Publishing the version in force again changes nothing.

    Raises:
        PackRefused: a check found an error; the findings say what to mend.
        NotPermitted: the actor is no process owner.
    """
    permissions.require_role(ctx.actor, permissions.PUBLISHES, "publish a pack")
    definition = Definition(files)
    findings = check_definition(definition, domain=ctx.domain)
    if any(finding.severity == "error" for finding in findings):
        raise PackRefused(findings)
    if ctx.actor.pack not in (None, definition.pack.id):
        message = f"This is the pack {definition.pack.id}; you own {ctx.actor.pack}."
        raise PackRefused([Finding("error", "pack.toml", "id", "owner", message)])
    put_in_force(ctx, definition, reason=reason)
    return definition.hash


def put_in_force(ctx: Context, definition: Definition, *, reason: str) -> None:
    """Keep a checked definition and make it the one that new cases begin on."""
    _keep_files(ctx.connection, definition)
    _keep_publication(ctx, definition, reason)


def with_uploads(files: Files, uploads: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return a pack's files with some replaced or added, matched by their names.

    An upload named like the last part of one path replaces that file, so a form downloaded as
    `chair_ppm.json` finds its way back to `forms/chair_ppm.json`.

    Raises:
        PackRefused: an upload's kind is not one that a pack holds, or it is too large.
    """
    merged = dict(files)
    for name, data in uploads.items():
        path = _path_of(name, merged)
        if len(data) > MAX_FILE:
            message = f"{name} is larger than 2 MB. A pack's files are small texts."
            raise PackRefused([Finding("error", name, "", "size", message)])
        merged[path] = data
    return merged


def _path_of(name: str, files: Mapping[str, bytes]) -> str:
    plain = name.replace("\\", "/").rsplit("/", 1)[-1]
    for path in files:
        if path == name or path.rsplit("/", 1)[-1] == plain:
            return path
    if plain.endswith(".json"):
        return f"forms/{plain}"
    if plain.endswith((".bpmn", ".dmn")):
        return plain
    message = f"{name} is no file of a pack. Upload .bpmn, .dmn, .json or pack.toml."
    raise PackRefused([Finding("error", name, "", "file kind", message)])


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


def _keep_publication(ctx: Context, definition: Definition, reason: str) -> None:
    table = tables.publication
    newest = ctx.connection.execute(
        sa.select(table.c.number, table.c.definition)
        .where(table.c.pack == definition.pack.id)
        .order_by(table.c.number.desc())
        .limit(1)
    ).one_or_none()
    if newest is not None and newest.definition == definition.hash:
        return
    ctx.connection.execute(
        table.insert().values(
            pack=definition.pack.id,
            number=1 if newest is None else newest.number + 1,
            definition=definition.hash,
            title=definition.pack.title,
            published_at=ctx.now,
            published_by=ctx.actor.name,
            reason=reason,
        )
    )


__all__ = ["MAX_FILES", "hash_of", "publish", "put_in_force", "with_uploads"]

"""Put a pack in force in a test, checked as everywhere."""

from __future__ import annotations

from engine.context import Context
from engine.packs.version import Definition
from engine.publishing import publish
from engine.storage.published_versions import Files, current_definition


def published(ctx: Context, files: Files, *, reason: str, instead_of: str | None = None) -> str:
    """Check a pack, put it in force and return its hash."""
    definition = publish.checked(files, domain=ctx.domain)
    publish.put_in_force(ctx, definition, reason=reason, instead_of=instead_of)
    return definition.hash


def unchecked(ctx: Context, definition: Definition, *, reason: str) -> None:
    """Put a version in force instead of the one there is, whatever the check would say of it."""
    before = current_definition(ctx.connection, definition.pack.id).hash
    publish.put_in_force(ctx, definition, reason=reason, instead_of=before)

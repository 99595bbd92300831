"""Put a pack in force in a test, checked as everywhere."""

from __future__ import annotations

from engine.context import Context
from engine.publishing import publish
from engine.storage.published_versions import Files


def published(ctx: Context, files: Files, *, reason: str, instead_of: str | None = None) -> str:
    """Check a pack, put it in force and return its hash."""
    definition = publish.checked(files, domain=ctx.domain)
    publish.put_in_force(ctx, definition, reason=reason, instead_of=instead_of)
    return definition.hash

"""What was saved of a task before it is submitted: by section, with who wrote it.

Several people may write one draft. Each section remembers who saved it last, so that nobody
replaces another's words without having seen them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.context import Context
from engine.domain import JsonValue
from engine.errors import AnswersRefused
from engine.packs.forms import NOT_KEPT, Form, can_be_kept, without_blanks
from engine.storage import tables

MAX_DRAFT = 400_000
"""Characters of one draft, as JSON."""

_draft = tables.draft


@dataclass(frozen=True)
class SavedSection:
    """Who saved a section last and when, and everybody who ever did, in order."""

    by: str
    at: datetime
    authors: tuple[str, ...]


@dataclass(frozen=True)
class Draft:
    """A task's draft. An answer that is None was left empty on purpose."""

    answers: Mapping[str, JsonValue]
    saved_by: str
    saved_at: datetime
    sections: Mapping[str, SavedSection] = field(default_factory=dict)

    def token(self, form: Form, section: str) -> str:
        """Return a word that changes whenever a section is saved anew; "" if it never was."""
        saved = self.sections.get(section)
        if saved is None:
            return ""
        return f"{state_of(form, section, self.answers)}.{saved.by}"


@dataclass(frozen=True)
class SectionEdit:
    """A section as somebody typed it. `based_on` is the `Draft.token` that they had been shown."""

    answers: Mapping[str, JsonValue]
    based_on: str


def state_of(form: Form, section: str, answers: Mapping[str, JsonValue]) -> str:
    """Return a short digest of a section's answers; empty ones count as not there."""
    names = form.names_in(section)
    given = without_blanks({name: answers[name] for name in names if name in answers})
    text = json.dumps(given, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_draft(connection: Connection, work_item_id: UUID) -> Draft | None:
    """Return the task's draft, or None."""
    columns = _draft.c.answers, _draft.c.saved_by, _draft.c.saved_at, _draft.c.sections
    query = sa.select(*columns).where(_draft.c.work_item_id == work_item_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    sections = {
        name: SavedSection(each["by"], datetime.fromisoformat(each["at"]), tuple(each["authors"]))
        for name, each in json.loads(row.sections).items()
    }
    return Draft(json.loads(row.answers), row.saved_by, row.saved_at, sections)


def authors(connection: Connection, work_item_id: UUID) -> tuple[str, ...]:
    """Return the names of everybody who wrote in the draft, the first to write first."""
    draft = read_draft(connection, work_item_id)
    if draft is None:
        return ()
    names = (name for each in draft.sections.values() for name in each.authors)
    return tuple(dict.fromkeys(names))


def written_by(connection: Connection, case_id: UUID, sequence: int) -> tuple[str, ...]:
    """Return who had drafted what was submitted with an event."""
    t = tables.submission.c
    query = sa.select(t.drafted_by).where(t.case_id == case_id, t.sequence == sequence)
    return tuple(json.loads(connection.scalar(query) or "[]"))


def replace_draft(
    ctx: Context, work_item_id: UUID, form: Form, answers: Mapping[str, JsonValue]
) -> None:
    """Make `answers` the whole draft, whatever it was."""
    before = read_draft(ctx.connection, work_item_id)
    kept = before.sections if before else {}
    sections = {name: _saved(ctx, kept.get(name)) for name in form.section_ids}
    _write(ctx, work_item_id, Draft(answers, ctx.actor.name, ctx.now, sections))


def merge_sections(
    ctx: Context, work_item_id: UUID, form: Form, edits: Mapping[str, SectionEdit]
) -> tuple[str, ...]:
    """Save some sections, leave the others; return those that changed since they were shown."""
    before = read_draft(ctx.connection, work_item_id)
    answers = dict(before.answers) if before else {}
    sections = dict(before.sections) if before else {}
    refused, changed = [], False
    for section, edit in edits.items():
        current = before.token(form, section) if before else ""
        theirs = before.answers if before else {}
        is_same = state_of(form, section, edit.answers) == state_of(form, section, theirs)
        if current and is_same:
            continue
        if current != edit.based_on:
            refused.append(section)
            continue
        for name in form.names_in(section):
            answers[name] = edit.answers.get(name)
        sections[section] = _saved(ctx, sections.get(section))
        changed = True
    if changed:
        _write(ctx, work_item_id, Draft(answers, ctx.actor.name, ctx.now, sections))
    return tuple(refused)


def _saved(ctx: Context, before: SavedSection | None) -> SavedSection:
    earlier = before.authors if before else ()
    return SavedSection(ctx.actor.name, ctx.now, tuple(dict.fromkeys((*earlier, ctx.actor.name))))


def _write(ctx: Context, work_item_id: UUID, draft: Draft) -> None:
    if not can_be_kept(draft.answers):
        raise AnswersRefused({"answers": NOT_KEPT.format("The draft")})
    text = json.dumps(draft.answers, ensure_ascii=False)
    if len(text) > MAX_DRAFT:
        raise AnswersRefused({"answers": "The draft is too long to keep. Shorten it."})
    sections = {
        name: {"by": each.by, "at": each.at.isoformat(), "authors": each.authors}
        for name, each in draft.sections.items()
    }
    ctx.connection.execute(_draft.delete().where(_draft.c.work_item_id == work_item_id))
    ctx.connection.execute(
        _draft.insert().values(
            work_item_id=work_item_id,
            answers=text,
            saved_by=draft.saved_by,
            saved_at=draft.saved_at,
            sections=json.dumps(sections, ensure_ascii=False),
        )
    )

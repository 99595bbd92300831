"""One sitting for several cases: their meetings are held together, each is recorded by itself.

A form whose question has `"x-widget": "sitting"` asks for the cases that are dealt with in the same
sitting: those where the same form waits for the same person, and that are alike in the facts of
`x-same`. When the first is completed, its sections with `"x-sitting": "shared"` become drafts of
the others, and nothing else of it does. Each is completed by its own command.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.context import Actor, Context
from engine.domain import JsonValue
from engine.open_work import drafts
from engine.open_work.case_heads import subjects
from engine.packs.forms import Field, Form
from engine.people.case_circle import circle_of
from engine.people.permissions import may_do_work, may_see_case
from engine.storage import loading, tables

WIDGET = "sitting"
SHARED = "shared"
MOST = 50
_case, _fact, _work = tables.case.c, tables.fact.c, tables.work_item.c


@dataclass(frozen=True)
class Mate:
    """A case of the same sitting. `work_item` is what waits there, None once it is completed.

    `name` is "" for somebody who may not see the case.
    """

    ref: str
    case_id: UUID
    name: str
    work_item: UUID | None


def question_of(form: Form) -> Field | None:
    """Return the question for the cases of the same sitting, None if the form has none."""
    return next((each for each in form.fields if each.widget == WIDGET), None)


@dataclass(frozen=True)
class Place:
    """Where a form is filled in: a task that waits in a case."""

    item: UUID
    case_id: UUID
    ref: str
    pack: str


def offered(connection: Connection, form: Form, place: Place, actor: Actor) -> Form:
    """Return the form with the cases that `actor` may take into the sitting as options.

    Those that wait for the actor, and those that were completed as part of it. Without any, the
    form does not ask.
    """
    question = question_of(form)
    if question is None:
        return form
    draft = drafts.read_draft(connection, place.item)
    named = named_in(form, draft.answers) if draft else []
    found = {
        each.ref: each
        for each in (
            *_completed(connection, form, place, named, actor),
            *_waiting(connection, form, place, actor),
        )
    }
    properties = dict(form.schema["properties"])
    if found:
        asked = properties[question.name]
        options = [
            {"const": each.ref, "title": f"{each.name} ({each.ref})".lstrip()}
            for each in sorted(found.values(), key=lambda each: (each.name, each.ref))
        ]
        properties[question.name] = {**asked, "items": {"anyOf": options}}
    else:
        del properties[question.name]
    return Form(form.id, {**form.schema, "properties": properties})


def refs_offered(form: Form) -> list[str]:
    """Return the references of the cases that a form, as it was offered, lets one choose."""
    question = question_of(form)
    return [ref for ref, _ in question.options] if question else []


def named_in(form: Form, answers: Mapping[str, JsonValue]) -> list[str]:
    """Return the references of the cases that the answers take into the same sitting."""
    question = question_of(form)
    value = answers.get(question.name) if question else None
    return [str(each) for each in value] if isinstance(value, list) else []


def mates(connection: Connection, form: Form, refs: Sequence[str], *, actor: Actor) -> list[Mate]:
    """Return the cases of these references, in their order; unknown ones are left out."""
    query = sa.select(_case.ref, _case.id).where(_case.ref.in_(refs))
    ids = {row.ref: row.id for row in connection.execute(query)} if refs else {}
    waiting = {
        row.case_id: row.id
        for row in connection.execute(
            sa.select(_work.case_id, _work.id).where(
                _work.case_id.in_(ids.values()), _work.form == form.id, _work.status == "open"
            )
        )
    }
    names = _names(connection, ids.values(), actor)
    return [
        Mate(ref, ids[ref], names.get(ids[ref], ""), waiting.get(ids[ref]))
        for ref in refs
        if ref in ids
    ]


def carry(ctx: Context, form: Form, answers: Mapping[str, JsonValue], place: Place) -> None:
    """Make what the sitting shares the draft of each of its other cases, where that is empty.

    Args:
        form: as it was offered; `answers`: with which it was completed at `place`.
    """
    question = question_of(form)
    named = named_in(form, answers)
    if question is None or not named:
        return
    shared = {name: answers[name] for name in shared_names(form) if name in answers}
    done = {each.ref for each in _completed(ctx.connection, form, place, named, ctx.actor)}
    waiting = _waiting(ctx.connection, form, place, ctx.actor)
    # In one order, so that two sittings that meet wait for each other and do not lock up.
    for mate in sorted(waiting, key=lambda each: each.ref):
        if mate.work_item is None or mate.ref not in named or mate.ref in done:
            continue
        others: list[JsonValue] = [each for each in (place.ref, *named) if each != mate.ref]
        loading.load_case(ctx.connection, mate.case_id)
        _draft(ctx, mate.work_item, form, {**shared, question.name: others})


def left(
    connection: Connection, form: Form, of: str, named: Sequence[str], *, actor: Actor
) -> list[Mate]:
    """Return the cases that are still to do in the sitting in which the case `of` was completed."""
    found = []
    for mate in mates(connection, form, named, actor=actor):
        draft = drafts.read_draft(connection, mate.work_item) if mate.work_item else None
        # At the next meeting the same form waits there again, and is no part of this sitting.
        if draft is not None and of in named_in(form, draft.answers):
            found.append(mate)
    return found


def shared_names(form: Form) -> list[str]:
    """Return the questions of the sections that a sitting shares."""
    sections = [each["id"] for each in form.sections if each.get("x-sitting") == SHARED]
    return [name for section in sections for name in form.names_in(section)]


def _draft(ctx: Context, item: UUID, form: Form, shared: Mapping[str, JsonValue]) -> None:
    """Fill what is empty in the shared sections of a draft; what somebody wrote there stays."""
    before = drafts.read_draft(ctx.connection, item)
    theirs = before.answers if before else {}
    question = question_of(form)
    edits = {}
    for section in {each.section for each in form.fields if each.name in shared}:
        names = form.names_in(section)
        kept = {name: theirs[name] for name in names if theirs.get(name) not in (None, "", [])}
        answers = {**{name: shared[name] for name in names if name in shared}, **kept}
        if question is not None and question.name in names:
            answers[question.name] = shared[question.name]
        token = before.token(form, section) if before else ""
        edits[section] = drafts.SectionEdit(answers, token)
    drafts.merge_sections(ctx, item, form, edits)


def _completed(
    connection: Connection, form: Form, place: Place, named: Sequence[str], actor: Actor
) -> list[Mate]:
    """Return those of the named cases whose own record names this one."""
    s = tables.submission.c
    rows = connection.execute(
        sa.select(_case.ref, s.answers)
        .select_from(
            tables.submission.join(tables.work_item, _work.id == s.work_item_id).join(
                tables.case, _case.id == s.case_id
            )
        )
        .where(_case.ref.in_(named), _work.form == form.id, _work.pack == place.pack)
    )
    said = {row.ref for row in rows if place.ref in named_in(form, json.loads(row.answers))}
    refs = [each for each in named if each in said]
    return mates(connection, form, refs, actor=actor)


def _waiting(connection: Connection, form: Form, place: Place, actor: Actor) -> list[Mate]:
    """Return the cases where the same form waits for `actor`, and that are alike."""
    case_id, pack = place.case_id, place.pack
    question = question_of(form)
    declared = form.schema["properties"][question.name].get("x-same", []) if question else []
    here = _facts(connection, case_id, {name for each in declared for name in each})
    decisive = next((names for names in declared if all(name in here for name in names)), None)
    if decisive is None:
        return []
    query = (
        sa.select(_work.case_id, _work.id, _work.role, _work.own_role, _work.assignee, _case.ref)
        .join(tables.case, _case.id == _work.case_id)
        .where(
            _work.form == form.id,
            _work.pack == pack,
            _work.status == "open",
            _work.case_id != case_id,
            sa.or_(_work.assignee.in_(actor.stands_for), _work.assignee.is_(None)),
            *(_has_fact(name, here[name]) for name in decisive),
        )
        .order_by(_work.sort_on, _work.id)
        .limit(MOST)
    )
    rows = [
        row
        for row in connection.execute(query)
        if may_do_work(actor, role=row.own_role or row.role, assignee=row.assignee, pack=pack)
    ]
    names = _names(connection, [row.case_id for row in rows], actor)
    return [Mate(row.ref, row.case_id, names.get(row.case_id, ""), row.id) for row in rows]


def _has_fact(name: str, value: str) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        _fact.case_id == _work.case_id,
        _fact.to_sequence.is_(None),
        _fact.name == name,
        _fact.value == value,
    )


def _facts(connection: Connection, case_id: UUID, names: Collection[str]) -> dict[str, str]:
    """Return current facts of a case as they are kept: JSON."""
    query = sa.select(_fact.name, _fact.value).where(
        _fact.case_id == case_id, _fact.to_sequence.is_(None), _fact.name.in_(names)
    )
    return {row.name: row.value for row in connection.execute(query)}


def _names(connection: Connection, case_ids: Iterable[UUID], actor: Actor) -> dict[UUID, str]:
    """Return the names of the cases that `actor` may see."""
    circles = ((each, circle_of(connection, each, today=None)) for each in case_ids)
    return subjects(connection, {each for each, circle in circles if may_see_case(actor, circle)})

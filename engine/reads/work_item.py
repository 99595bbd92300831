"""One work item with its form, as its case asks it now, and what is already known."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.bpmn.scripting import Surroundings
from engine.context import Actor
from engine.domain import Domain, FactValue, JsonValue
from engine.errors import WorkItemNotFound
from engine.open_work import joint_sitting, work_form
from engine.open_work.case_heads import CaseHead, case_head_where
from engine.open_work.drafts import Draft, read_draft
from engine.open_work.work_list import WorkItemRow, work_query, work_row
from engine.packs.forms import Form
from engine.people.case_circle import circle_of
from engine.people.permissions import may_do_work, may_draft
from engine.storage import tables
from engine.storage.published_versions import get_definition
from engine.tracker.measures_in_forms import with_measures


@dataclass(frozen=True)
class WorkItemView:
    """A work item with its form; `carried` names the fields filled from an earlier meeting."""

    item: WorkItemRow
    case: CaseHead
    form: Form
    values: Mapping[str, JsonValue]
    carried: Mapping[str, date]
    draft_saved_at: datetime | None
    draft: Draft | None
    may_work: bool
    may_draft: bool
    carried_values: Mapping[str, JsonValue]
    reads: Surroundings
    """What the form's expressions read."""

    waits_for: tuple[str, ...] = ()
    """What must come before it can be completed, in sentences."""

    @property
    def facts(self) -> Mapping[str, FactValue]:
        """The facts as the work's instance reads them, its own first."""
        return cast("Mapping[str, FactValue]", self.reads.names)

    def token(self, section: str) -> str:
        """Return a word that changes whenever a section is saved anew; "" if it never was."""
        return self.draft.token(self.form, section) if self.draft else ""


def get_work_item(
    connection: Connection, work_item_id: UUID, *, reader: Actor, domain: Domain, now: datetime
) -> WorkItemView:
    """Return a work item with its form, as its case asks it now, and what is already known.

    A saved draft is shown to a `reader` who may do the work or draft it, and to nobody else.

    Raises:
        WorkItemNotFound: no such work item.
        ExpressionError: a measure that the form asks for cannot be worked out for a case.
    """
    t = tables.work_item.c
    row = connection.execute(work_query().where(t.id == work_item_id)).one_or_none()
    if row is None:
        raise WorkItemNotFound(str(work_item_id))
    head = case_head_where(connection, tables.case.c.id == row.case_id, row.case_ref)
    definition = get_definition(connection, head.definition)
    reads = work_form.read_surroundings(
        connection, definition, row.case_id, instance=row.instance_id, domain=domain, now=now
    )
    form = work_form.form_for(definition.forms[row.form], reads)
    if "sitting" in form.widgets:
        place = joint_sitting.Place(row.id, row.case_id, row.case_ref, row.pack)
        form = joint_sitting.offered(connection, form, place, reader)
    carried = _carried(connection, row.case_id, form)
    role = row.own_role or row.role
    may_work = may_do_work(reader, role=role, assignee=row.assignee, pack=row.pack)
    circle = circle_of(connection, row.case_id, today=None) if form.drafted_by else None
    drafts = may_draft(reader, drafted_by=form.drafted_by, circle=circle, pack=row.pack)
    draft = read_draft(connection, row.id) if may_work or drafts else None
    values = work_form.opening_values(form, reads)
    values |= {name: value for name, (value, _) in carried.items()}
    values |= draft.answers if draft else {}
    if "measures" in form.widgets:
        values = with_measures(connection, row.pack, form, values, now=now, domain=domain)
    return WorkItemView(
        item=work_row(row, head.subject),
        case=head,
        form=form,
        values={name: value for name, value in values.items() if value is not None},
        carried={name: day for name, (_, day) in carried.items()},
        draft_saved_at=draft.saved_at if draft else None,
        draft=draft,
        may_work=may_work,
        may_draft=may_work or drafts,
        carried_values={name: value for name, (value, _) in carried.items()},
        reads=reads,
        waits_for=work_form.waits_for(form, reads) if row.status == "open" else (),
    )


def _carried(
    connection: Connection, case_id: UUID, form: Form
) -> dict[str, tuple[JsonValue, date]]:
    """Return what the last submission of the same form opens this one with (`x-carry`)."""
    carries = [field.name for field in form.fields if field.carry]
    if not carries:
        return {}
    s, w = tables.submission.c, tables.work_item.c
    row = connection.execute(
        sa.select(s.answers, w.closed_at)
        .join(tables.work_item, w.id == s.work_item_id)
        # Not what was said when work was given to somebody: what it was completed with.
        .where(s.case_id == case_id, w.form == form.id, w.closed_sequence == s.sequence)
        .order_by(s.sequence.desc())
        .limit(1)
    ).first()
    if row is None:
        return {}
    answers = json.loads(row.answers)
    day = row.closed_at.date()
    return {name: (answers[name], day) for name in carries if name in answers}

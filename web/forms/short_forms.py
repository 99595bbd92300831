"""Short forms: a task that asks little can be answered in the list, without opening it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from uuid import UUID

from engine.context import Actor
from engine.open_work import work_form, work_list
from engine.packs.forms import Form
from engine.people import permissions
from engine.reads import work_item
from engine.storage import published_versions
from engine.storage.database import Connection
from web.forms import inputs, layout, typed_answers
from web.request import context

MOST_QUESTIONS = 3
WIDGETS = frozenset({"boolean", "radios", "date", "number", "text", "textarea"})
"""Inputs that fit into a row; choosing people or listing rows needs the task's own page."""


def short_forms(
    connection: Connection, items: Iterable[work_list.WorkItemRow], actor: Actor
) -> dict[UUID, inputs.LaidOutForm]:
    """Return the forms that the actor can answer in the list, by work item.

    A task with a saved draft is left out: what it holds must not be overlooked.
    """
    mine = [item for item in items if _may_do(actor, item)]
    drafted = work_list.drafted(connection, [item.id for item in mine])
    found = {}
    for item in mine:
        definition = published_versions.get_definition(connection, item.definition)
        form = definition.forms[item.form]
        page = lay_out(form) if item.id not in drafted else None
        if page is not None:
            found[item.id] = page
    return found


def waiting(
    connection: Connection, items: Iterable[work_list.WorkItemRow], actor: Actor
) -> dict[UUID, str]:
    """Return what tasks wait for before they can be completed; most wait for nothing."""
    found = {}
    for item in items:
        if (
            published_versions.get_definition(connection, item.definition)
            .forms[item.form]
            .waits_for
        ):
            view = work_item.get_work_item(
                connection,
                item.id,
                reader=actor,
                domain=context.parts().domain,
                now=context.now(),
            )
            found[item.id] = " ".join(view.waits_for)
    return found


def lay_out(form: Form) -> inputs.LaidOutForm | None:
    """Return a form as a row shows it, or None when it asks too much for that.

    What may be left out and depends on the case is left to the task's own page.
    """
    form = work_form.without(form, _optional_with_options_of_the_case(form))
    if not 0 < len(form.fields) <= MOST_QUESTIONS or any(each.carry for each in form.fields):
        return None
    if form.waits_for or "x-options-from" in json.dumps(form.schema):
        # What is offered depends on the child; the task's own page works it out.
        return None
    defaults = {each.name: each.default for each in form.fields if each.default is not None}
    page = layout.lay_out(form, raw=typed_answers.raw_values(form, defaults), blank_rows=False)
    inputs = [each for section in page.sections for each in section.inputs]
    return page if all(each.widget in WIDGETS for each in inputs) else None


def _optional_with_options_of_the_case(form: Form) -> set[str]:
    required = form.schema.get("required", ())
    properties = form.schema.get("properties", {})
    return {
        name
        for name, field in properties.items()
        if name not in required and "x-options-from" in field
    }


def _may_do(actor: Actor, item: work_list.WorkItemRow) -> bool:
    return permissions.may_do_work(actor, role=item.done_by, assignee=item.assignee, pack=item.pack)

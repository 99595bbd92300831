"""A form as one case asks it: the options that tables offer, and what its questions open with.

`x-options-from` names a decision table; its rows that hold for the case are the options:

| output | |
|---|---|
| `option`, `title` | the answer kept, and what people read |
| `reason`, `rule` | why it is offered, and the rules that say so; may be missing |
| `ticked` | true: chosen when the form opens; may be missing |
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.bpmn import runtime
from engine.bpmn.scripting import Surroundings, plain
from engine.domain import Domain, JsonValue
from engine.errors import ExpressionError, StepFailed
from engine.packs.forms import Form
from engine.packs.version import Definition
from engine.rules.decision_tables import DecisionTable
from engine.step.event import filled
from engine.step.scope import surroundings
from engine.storage import loading, tables

OTHER: dict[str, JsonValue] = {"type": "string", "minLength": 1, "maxLength": 200}
"""What a question with `x-other` takes beside its options."""


def form_for(form: Form, reads: Surroundings) -> Form:
    """Return the form with the options of its tables, as these facts have them.

    Raises:
        StepFailed: a table cannot be worked out.
    """
    if not form.asks_tables:
        return form
    asked = {
        name: _asked(form.id, field, reads)
        for name, field in form.schema.get("properties", {}).items()
        if isinstance(field, dict)
    }
    empty = {name for name, field in asked.items() if _offers_nothing(field)}
    return without(Form(form.id, {**form.schema, "properties": asked}), empty)


def without(form: Form, names: Collection[str]) -> Form:
    """Return the form without these questions."""
    properties = form.schema.get("properties", {})
    kept = {name: field for name, field in properties.items() if name not in names}
    return Form(form.id, {**form.schema, "properties": kept})


def _offers_nothing(field: Mapping[str, Any]) -> bool:
    """Whether a question has nothing to choose from in this case: it is not asked."""
    worked_out = str(field.get("x-options-from", "")).startswith("=")
    return worked_out and not (field.get("anyOf") or field.get("items", {}).get("anyOf"))


def with_every_option(form: Form, tables: Mapping[str, DecisionTable]) -> Form:
    """Return the form with all options that its tables may ever offer: to read old answers by."""

    def asked(field: Any) -> Any:
        if not isinstance(field, dict):
            return field
        columns = field.get("items", {}).get("properties")
        if columns:
            inner = {name: asked(column) for name, column in columns.items()}
            return {**field, "items": {**field["items"], "properties": inner}}
        table = tables.get(str(field.get("x-options-from")))
        options = list(_constants(table)) if table else []
        if not options:
            return field
        is_list = field.get("type") == "array"
        return {**field, **({"items": {"anyOf": options}} if is_list else {"anyOf": options})}

    properties = form.schema.get("properties", {})
    known = {name: asked(field) for name, field in properties.items()}
    return Form(form.id, {**form.schema, "properties": known})


def _constants(table: DecisionTable) -> Iterator[dict[str, Any]]:
    """Yield the options that a table's rows name outright; what is worked out is not known here."""
    for rule in table.rules:
        cells = dict(zip(table.outputs, rule.outputs, strict=True))
        option = cells["option"].literal if "option" in cells else None
        title = cells["title"].literal if "title" in cells else None
        if option is not None:
            yield {"const": option, "title": title or option}


def _asked(form_id: str, field: Mapping[str, Any], reads: Surroundings) -> dict[str, Any]:
    if "x-options-from" in field:
        return _with_options(form_id, field, reads)
    items = field.get("items")
    if not isinstance(items, dict) or "properties" not in items:
        return dict(field)
    columns = {
        name: _with_options(form_id, column, reads) if "x-options-from" in column else column
        for name, column in items["properties"].items()
    }
    return {**field, "items": {**items, "properties": columns}}


def _with_options(form_id: str, field: Mapping[str, Any], reads: Surroundings) -> dict[str, Any]:
    source = str(field["x-options-from"])
    try:
        rows: Any = (
            plain(runtime.evaluate(source[1:], {}, reads))
            if source.startswith("=")
            else reads.functions["decision"](source)
        )
    except (ExpressionError, ValueError) as error:
        raise StepFailed(form_id, f"the options of '{source}' cannot be told: {error}") from error
    offered = {str(row["option"]): row for row in rows or ()}.values()
    options: list[dict[str, Any]] = [
        {
            "const": row["option"],
            "title": row.get("title") or row["option"],
            **({"description": row["reason"]} if row.get("reason") else {}),
            **({"x-rules": row["rule"]} if row.get("rule") else {}),
        }
        for row in offered
    ]
    if "x-other" in field:
        options.append({**OTHER, "title": field["x-other"]})
    if field.get("type") != "array":
        return {**field, "anyOf": options}
    ticked = [row["option"] for row in offered if row.get("ticked") is True]
    default = {"x-default": ticked} if ticked else {}
    return {**default, **field, "items": {"anyOf": options}}


def opening_values(form: Form, reads: Surroundings) -> dict[str, JsonValue]:
    """Return what the form's questions open with before anybody typed: `x-opens-with`, else
    `x-default`.

    Raises:
        StepFailed: an expression cannot be worked out.
    """
    values: dict[str, JsonValue] = {}
    for field in form.fields:
        value: Any = field.default
        if field.opens_with:
            try:
                value = plain(runtime.evaluate(field.opens_with, {}, reads))
            except ExpressionError as error:
                raise StepFailed(field.name, f"what it opens with is unclear: {error}") from error
        if value not in (None, []):
            values[field.name] = value
    return values


def waits_for(form: Form, reads: Surroundings) -> tuple[str, ...]:
    """Return what a task still waits for before it can be completed: messages of `x-waits-for`.

    Raises:
        StepFailed: an expression cannot be worked out.
    """
    try:
        return tuple(
            filled(each["message"], reads.names)
            for each in form.waits_for
            if runtime.evaluate(each["check"], {}, reads) is not True
        )
    except ExpressionError as error:
        raise StepFailed(form.id, f"what it waits for is unclear: {error}") from error


def read_surroundings(
    connection: Connection,
    definition: Definition,
    case_id: UUID,
    *,
    instance: UUID,
    domain: Domain,
    now: datetime,
) -> Surroundings:
    """Return what the expressions of one instance's forms read, outside a step."""
    d, c = tables.deadline.c, tables.case.c
    rows = connection.execute(
        sa.select(tables.deadline).where(d.case_id == case_id, d.closed_sequence.is_(None))
    )
    return surroundings(
        definition,
        policy=str(connection.scalar(sa.select(c.policy).where(c.id == case_id))),
        facts=loading.current_facts(connection, case_id),
        deadlines=[loading.derived_of(row) for row in rows],
        now=now,
        domain=domain,
        instance=instance,
    )

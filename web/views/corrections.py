"""Correct what was recorded wrongly: the old value stays, deadlines follow the new one."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import commands, definitions, queries
from engine.errors import AnswersRefused
from web import case_page, context, fields, forms, onward, payload_forms
from web.views.cases import people_to_choose

pages = Blueprint("corrections", __name__)


@pages.get("/cases/<ref>/corrections")
def show(ref: str) -> ResponseReturnValue:
    """Choose a fact, then its form."""
    case, definition = _find(ref)
    facts = case_page.correctable(case.facts, definition)
    fact = next((each for each in facts if each.name == request.args.get("fact")), None)
    if fact is None:
        return render_template(
            "cases/choose_fact.html", case=case.head, known=case.facts, facts=facts
        )
    form = payload_forms.correction_form(fact)
    raw = forms.raw_values(form, {"value": case.facts.get(fact.name)})
    return _page(case, fact, form, raw, {}, 200)


@pages.post("/cases/<ref>/corrections")
def record(ref: str) -> ResponseReturnValue:
    """Record the correction, or show the form again with everything kept."""
    case, definition = _find(ref)
    facts = {each.name: each for each in case_page.correctable(case.facts, definition)}
    fact = facts.get(request.form.get("fact", ""))
    if fact is None:
        return redirect(url_for("corrections.show", ref=ref), 303)
    form = payload_forms.correction_form(fact)
    typed = forms.read_posted(form, request.form)
    try:
        forms.require_valid(form, typed)
        since = typed.answers.get("effective_on")
        step = context.writing(
            lambda ctx: commands.correct_fact(
                ctx,
                ref,
                fact.name,
                typed.answers["value"],
                effective_on=date.fromisoformat(str(since)) if since else None,
                reason=str(typed.answers["reason"]),
            )
        )
    except AnswersRefused as refused:
        named = {_field_of(name, fact): text for name, text in refused.problems.items()}
        return _page(case, fact, form, typed.raw, {**named, **typed.problems}, 422)
    return onward.to_recorded(step)


def _field_of(problem: str, fact: Any) -> str:
    return "value" if problem == fact.name else problem


def _find(ref: str) -> tuple[Any, Any]:
    with context.reading() as connection:
        case = queries.get_case(connection, ref, today=context.today())
        return case, definitions.get_definition(connection, case.head.definition)


def _page(
    case: Any, fact: Any, form: Any, raw: Any, problems: dict[str, str], status: int
) -> ResponseReturnValue:
    page = fields.lay_out(form, raw=raw, problems=problems, people=people_to_choose(case.head.pack))
    html = render_template(
        "cases/correction.html",
        case=case.head,
        fact=fact,
        page=page,
        value=case.facts.get(fact.name),
    )
    return html, status

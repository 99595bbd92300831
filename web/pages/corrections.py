"""Correct what was recorded wrongly: the old value stays, deadlines follow the new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import commands, reads
from engine.context import Context
from engine.domain import FactType, JsonValue
from engine.errors import AnswersRefused, NotPermitted
from engine.packs.forms import Form
from engine.packs.lasting_facts import never_taken_back
from engine.packs.version import Definition
from engine.people.case_circle import circle_of
from engine.reads import CaseView
from engine.storage import published_versions
from web.forms import layout, payload_forms, typed_answers
from web.forms.inputs import people_to_choose
from web.forms.typed_answers import Raw
from web.pages import case_page, onward
from web.request import context, unsent_typing

pages = Blueprint("corrections", __name__)


@pages.get("/cases/<ref>/corrections")
def show(ref: str) -> ResponseReturnValue:
    """Choose a fact, then its form."""
    case, definition = _find(ref)
    mine = _mine(case, definition)
    chosen = _choose(case, definition, request.args.get("fact"), request.args.get("work"))
    _require_mine(mine, chosen)
    if chosen is None:
        return render_template(
            "cases/choose_fact.html",
            case=case.head,
            known=case.facts,
            facts=[
                each for each in case_page.correctable(case.facts, definition) if each.name in mine
            ],
            work=_work(case, definition, mine),
        )
    form = _form(case, definition, chosen)
    kept = unsent_typing.kept_for(_place(ref, chosen))
    if kept is not None:
        typed = typed_answers.read_posted(form, kept)
        return _page(case, chosen, form, typed.raw, typed.problems, 200, was_kept=True)
    return _page(
        case, chosen, form, typed_answers.raw_values(form, {"value": chosen.value}), {}, 200
    )


@pages.post("/cases/<ref>/corrections")
def record(ref: str) -> ResponseReturnValue:
    """Record the correction, or show the form again with everything kept."""
    case, definition = _find(ref)
    chosen = _choose(case, definition, request.form.get("fact"), request.form.get("work"))
    if chosen is not None:
        context.asks(_form(case, definition, chosen))
    _require_mine(_mine(case, definition), chosen)
    if chosen is None:
        return redirect(url_for("corrections.show", ref=ref), 303)
    form = _form(case, definition, chosen)
    typed = typed_answers.read_posted(form, request.form)
    try:
        typed_answers.require_valid(form, typed)
        step = context.writing(
            lambda ctx: onward.recorded(
                ctx, _correct(ctx, ref, chosen, typed.answers), sent=_place(ref, chosen)
            )
        )
    except AnswersRefused as refused:
        named = {_field_of(name, chosen.fact): text for name, text in refused.problems.items()}
        return _page(case, chosen, form, typed.raw, {**named, **typed.problems}, 422)
    return onward.to_recorded(step)


def _correct(
    ctx: Context, ref: str, chosen: _Chosen, answers: Mapping[str, JsonValue]
) -> commands.SavedStep:
    since = answers.get("effective_on")
    return commands.correct_fact(
        ctx,
        ref,
        chosen.fact.name,
        None if answers.get("nothing") else answers.get("value", ""),
        effective_on=date.fromisoformat(str(since)) if since else None,
        reason=str(answers["reason"]),
        work=chosen.work.id if chosen.work else None,
    )


def _form(case: CaseView, definition: Definition, chosen: _Chosen) -> Form:
    lasting = never_taken_back(definition, case.head.kind)
    return payload_forms.correction_form(
        chosen.fact, may_be_nothing=chosen.fact.name not in lasting
    )


@dataclass(frozen=True)
class _Chosen:
    """The fact to correct with its value now; `work` is the piece of work whose own it is."""

    fact: FactType
    value: JsonValue
    work: case_page.PieceOfWork | None = None


def _choose(
    case: CaseView, definition: Definition, fact: str | None, work: str | None
) -> _Chosen | None:
    if not work:
        found = [
            each for each in case_page.correctable(case.facts, definition) if each.name == fact
        ]
        return _Chosen(found[0], case.facts.get(found[0].name)) if found else None
    for piece in case_page.pieces_of_work(case.instances, definition):
        for kind, value in piece.facts:
            if str(piece.id) == work and kind.name == fact:
                return _Chosen(kind, value, piece)
    return None


def _place(ref: str, chosen: _Chosen) -> str:
    work = chosen.work.id if chosen.work else None
    return url_for("corrections.show", ref=ref, fact=chosen.fact.name, work=work)


def _mine(case: CaseView, definition: Definition) -> frozenset[str]:
    """Return the facts that I may correct."""
    with context.reading() as connection:
        circle = circle_of(connection, case.head.id, today=context.today())
    return case_page.correctable_by_me(case, definition, circle)


def _require_mine(mine: frozenset[str], chosen: _Chosen | None) -> None:
    if not mine or (chosen is not None and chosen.fact.name not in mine):
        what = chosen.fact.name if chosen else "anything"
        raise NotPermitted(context.actor().name, f"correct {what} here")


def _work(
    case: CaseView, definition: Definition, mine: frozenset[str]
) -> list[case_page.PieceOfWork]:
    """Return the open pieces of work with those of their own facts that I may correct."""
    found = [
        replace(each, facts=tuple(pair for pair in each.facts if pair[0].name in mine))
        for each in case_page.pieces_of_work(case.instances, definition)
    ]
    return [each for each in found if each.facts]


def _field_of(problem: str, fact: FactType) -> str:
    return "value" if problem == fact.name else problem


def _find(ref: str) -> tuple[CaseView, Definition]:
    with context.reading() as connection:
        case = reads.get_case(connection, ref, today=context.today())
        return case, published_versions.get_definition(connection, case.head.definition)


def _page(
    case: CaseView,
    chosen: _Chosen,
    form: Form,
    raw: Raw,
    problems: dict[str, str],
    status: int,
    *,
    was_kept: bool = False,
) -> ResponseReturnValue:
    page = layout.lay_out(form, raw=raw, problems=problems, people=people_to_choose(case.head.pack))
    html = render_template(
        "cases/correction.html",
        case=case.head,
        chosen=chosen,
        page=page,
        place=_place(case.head.ref, chosen),
        was_kept=was_kept,
    )
    return html, status

"""Your team: who is away and who covers for them, and handing over what a leaver has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import leaving
from engine.context import Context
from engine.errors import AnswersRefused, EngineError, PersonNotFound
from engine.packs.forms import Form
from engine.people import people, permissions
from engine.people.people import PersonRow
from web.forms import layout, typed_answers
from web.request import context, unsent_typing
from web.request.errors import BadRequest, answer_for

pages = Blueprint("people", __name__, url_prefix="/people")

AT_ONCE = 50
"""Cases handed over by one request: well under two seconds, so nobody waits without a word."""


@dataclass(frozen=True)
class HandedOver:
    """What became of one case; `problem` is "" when it was handed over."""

    ref: str
    problem: str


@pages.get("")
def index() -> ResponseReturnValue:
    """The people whom I look after: my team, or everybody for an administrator."""
    actor, today = context.actor(), context.today()
    operates = actor.is_any(*permissions.OPERATES)
    with context.reading() as connection:
        everybody = [each for each in people.list_people(connection) if actor.is_of(each.pack)]
        mine = [each for each in everybody if operates or each.manager == actor.name]
        mine.sort(key=lambda each: each.display_name)
        away = {each.name: people.list_cover(connection, each.name, today=today) for each in mine}
    return render_template("people/index.html", people=mine, away=away, roles=context.role_labels())


@pages.get("/<name>")
def show(name: str) -> ResponseReturnValue:
    """One person: who covers for them, whom they cover for, what they would leave behind."""
    person, kept = _person(name), unsent_typing.kept_for(_place(name))
    if kept is None:
        return _page(person, 200)
    typed = typed_answers.read_posted(_cover_form(person), kept)
    return _page(person, 200, raw=typed.raw, problems=typed.problems, was_kept=True)


@pages.post("/<name>/cover")
def name_cover(name: str) -> ResponseReturnValue:
    """Name who covers from one day to another."""
    person = _person(name)
    form = _cover_form(person)
    context.asks(form)
    typed = typed_answers.read_posted(form, request.form)
    id = _id(request.form.get("cover_id", ""))
    try:
        typed_answers.require_valid(form, typed)
        covered_by = str(typed.answers["covered_by"])
        first, last = (
            date.fromisoformat(str(typed.answers[each])) for each in ("from_on", "to_on")
        )

        def name_it(ctx: Context) -> None:
            people.name_cover(ctx, name, covered_by, from_on=first, to_on=last, id=id)
            unsent_typing.forget(ctx, _place(name))

        context.writing(name_it)
    except AnswersRefused as refused:
        problems = {**refused.problems, **typed.problems}
        return _page(person, 422, raw=typed.raw, problems=problems, cover_id=id)
    flash(f"{context.person_names().get(covered_by, covered_by)} covers. It ends by itself.")
    return redirect(url_for("people.show", name=name), 303)


@pages.post("/cover/<uuid:cover_id>/end")
def end_cover(cover_id: UUID) -> ResponseReturnValue:
    """End a cover before its last day."""
    person = context.writing(lambda ctx: people.end_cover(ctx, cover_id))
    flash("The cover has ended.")
    return redirect(url_for("people.show", name=person), 303)


@pages.post("/<name>/leave")
def leave(name: str) -> ResponseReturnValue:
    """Hand over the next cases of a leaver, each as its own event, and say what became of each."""
    person = _person(name)
    successors = _successors(person)
    try:
        context.read(lambda ctx: leaving.require_successors(ctx, name, successors))
    except AnswersRefused as refused:
        return _page(person, 422, unfollowed=refused.problems, chosen=successors)
    after = request.form.get("after", "")
    refs = context.read(lambda ctx: leaving.list_refs(ctx, name, after=after, limit=AT_ONCE))
    results = [HandedOver(ref, _hand_over(ref, name, successors)) for ref in refs]
    context.saw(refs)
    following = refs[-1] if len(refs) == AT_ONCE else ""
    context.look_again()
    left = context.read(lambda ctx: leaving.list_refs(ctx, name, limit=1000))
    gone = not left
    if gone:
        context.writing(lambda ctx: leaving.deactivate(ctx, name, successors))
    return render_template(
        "people/handed_over.html",
        person=person,
        results=results,
        done=[each for each in results if not each.problem],
        left=left,
        gone=gone,
        following=following,
        successors=successors,
    )


def _hand_over(ref: str, leaver: str, successors: Mapping[str, str]) -> str:
    """Hand over one case; return "" or why it could not be done."""
    try:
        context.writing(lambda ctx: leaving.hand_over(ctx, ref, leaver, successors))
    except EngineError as error:
        answer = answer_for(error)
        return " ".join([answer.detail, *answer.fields.values()])
    return ""


def _successors(person: PersonRow) -> dict[str, str]:
    given = {
        name.removeprefix("to-"): value
        for name, value in request.form.items()
        if name.startswith("to-") and value
    }
    held = context.read(lambda ctx: leaving.list_held(ctx, person.name))
    # A manager without cases has people all the same, and those need another manager.
    managing = context.read(leaving.managing_roles)
    known = {each.role for each in held} | (managing & set(person.roles))
    return {role: who for role, who in given.items() if role in known}


def _page(
    person: PersonRow,
    status: int,
    *,
    raw: typed_answers.Raw | None = None,
    problems: Mapping[str, str] | None = None,
    cover_id: UUID | None = None,
    unfollowed: Mapping[str, str] | None = None,
    chosen: Mapping[str, str] | None = None,
    was_kept: bool = False,
) -> ResponseReturnValue:
    """Show a person.

    `unfollowed` are a leaver's roles without a successor, `chosen` who follows in the others.
    """
    today = context.today()
    form = _cover_form(person)
    with context.reading() as connection:
        sees_off = context.read(lambda ctx: leaving.may_see_off(ctx, person))
        held = context.read(lambda ctx: leaving.list_held(ctx, person.name)) if sees_off else []
        covers = people.list_cover(connection, person.name, today=today)
        covering = people.list_covering(connection, person.name, today=today)
        everybody = people.list_people(connection, pack=person.pack)
    html = render_template(
        "people/show.html",
        person=person,
        roles=context.role_labels(),
        covers=covers,
        covering=covering,
        page=layout.lay_out(form, raw=raw or {}, problems=problems or {}),
        has_substitute=bool(form.fields[0].options),
        arranges=people.may_arrange(context.actor(), person),
        sees_off=sees_off,
        held=[(each, _followers(everybody, person, each.role)) for each in held],
        unfollowed=unfollowed or {},
        chosen=chosen or {},
        cover_id=cover_id or uuid4(),
        is_me=person.name == context.actor().name,
        place=_place(person.name),
        was_kept=was_kept,
    )
    return html, status


def _place(name: str) -> str:
    return url_for("people.show", name=name)


def _followers(everybody: list[PersonRow], leaver: PersonRow, role: str) -> list[PersonRow]:
    return [each for each in everybody if role in each.roles and each.name != leaver.name]


def _cover_form(person: PersonRow) -> Form:
    """Return the questions of a cover; only people who may do the work can be chosen."""
    with context.reading() as connection:
        found = people.who_may_cover(connection, person)
    options = [{"const": each.name, "title": each.display_name} for each in found]
    day = {"type": "string", "format": "date"}
    properties = {
        "covered_by": {
            "type": "string",
            "title": "Who covers?",
            "x-widget": "select",
            "oneOf": options,
        },
        "from_on": {**day, "title": "First day", "x-hint": "This day is covered too."},
        "to_on": {**day, "title": "Last day", "x-hint": "It ends by itself after this day."},
    }
    schema = {"title": "Cover", "properties": properties, "required": list(properties)}
    return Form("cover", schema)


def _person(name: str) -> PersonRow:
    """Return somebody active whom the actor looks after, or the actor. Raises PersonNotFound."""
    with context.reading() as connection:
        person = people.get_person(connection, name)
        if person is not None and person.active:
            if people.may_arrange(context.actor(), person):
                return person
            if context.read(lambda ctx: leaving.may_see_off(ctx, person)):
                return person
    raise PersonNotFound(name)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadRequest("The form is incomplete. Open the page again.") from None

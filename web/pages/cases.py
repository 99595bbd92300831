"""A case: where does it stand, and what happens next? And opening a case."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import commands, reads
from engine.context import Context
from engine.domain import JsonValue
from engine.errors import (
    AGAIN,
    AnswersRefused,
    CaseNotFound,
    DefinitionNotFound,
    NotPermitted,
    SameOpen,
)
from engine.open_work import case_heads
from engine.open_work.case_heads import CaseHead
from engine.packs.forms import Form
from engine.packs.kinds import Kind
from engine.packs.version import Definition
from engine.people.case_circle import circle_of
from engine.people.permissions import may_comment, may_open_case, may_tell
from engine.reads import appointments, history, onlookers
from engine.storage import published_versions
from engine.storage.database import Connection
from web.forms import layout, typed_answers
from web.forms.inputs import people_to_choose
from web.forms.typed_answers import Raw
from web.pages import case_page, drawing, sittings
from web.request import context, endings, unsent_typing
from web.request.errors import BadRequest

pages = Blueprint("cases", __name__)

TIMELINE = 20


@pages.get("/cases")
def index() -> ResponseReturnValue:
    """Every case, for auditors, by reference."""
    with context.reading() as connection:
        page = reads.list_cases(
            connection,
            within=context.actor().pack,
            pack=request.args.get("pack"),
            limit=50,
            after=request.args.get("after"),
        )
    context.saw(each.ref for each in page.items)
    return render_template("cases/index.html", cases=page.items, next_page=page.next)


@pages.get("/cases/open")
def choose() -> ResponseReturnValue:
    """Whose policy the new case runs on, and what kind it is; of one there is nothing to choose."""
    mine = context.openings()
    if not mine:
        raise NotPermitted(context.actor().name, "open a case")
    if len(mine) == 1:
        return redirect(url_for("cases.new", pack=mine[0].pack, kind=mine[0].kind.id), 303)
    return render_template("cases/choose.html", openings=mine)


@pages.get("/cases/open/<pack>", defaults={"kind": ""})
@pages.get("/cases/open/<pack>/<kind>")
def new(pack: str, kind: str) -> ResponseReturnValue:
    """An empty opening form. Its case id makes a second click on the button harmless."""
    definition, opened = _kind_for_me(pack, kind)
    form = definition.forms[opened.form]
    kept = unsent_typing.kept_for(_place(pack, opened.id))
    if kept is not None:
        typed, case_id = typed_answers.read_posted(form, kept), _case_id(kept.get("case_id", ""))
        policy, again = kept.get("policy"), kept.get(AGAIN)
        sent = Sent(typed.raw, case_id, policy, was_kept=True, again_because=again)
        return _opening_page(definition, opened, sent, typed.problems, 200)
    raw = typed_answers.raw_values(form, _defaults(form, _likely_people(pack, opened)))
    return _opening_page(definition, opened, Sent(raw, uuid4()), {}, 200)


@pages.post("/cases/open/<pack>", defaults={"kind": ""})
@pages.post("/cases/open/<pack>/<kind>")
def create(pack: str, kind: str) -> ResponseReturnValue:
    """Open the case, or show the form again with everything kept."""
    definition, opened = _kind_for_me(pack, kind)
    form = definition.forms[opened.form]
    case_id = _case_id(request.form.get("case_id", ""))
    typed = typed_answers.read_posted(form, request.form)
    again = request.form.get(AGAIN)
    sent = Sent(typed.raw, case_id, request.form.get("policy"), again_because=again)
    if "add_row" in request.form:
        return _opening_page(definition, opened, sent, {}, 200)
    policy = sent.policy or definition.pack.default_policy(opened.id)
    try:
        typed_answers.require_readable(form, typed)
        ref = context.writing(
            lambda ctx: _open(
                ctx,
                pack=pack,
                kind=opened.id,
                policy=policy,
                answers=typed.answers,
                case_id=case_id,
                again_because=sent.again_because,
            )
        )
    except AnswersRefused as refused:
        problems = {**refused.problems, **typed.problems}
        return _opening_page(definition, opened, sent, problems, 422)
    except SameOpen as error:
        return _opening_page(definition, opened, replace(sent, same=_same(error)), {}, 409)
    return redirect(url_for("cases.recorded", ref=ref, sequence=1), 303)


def _open(ctx: Context, **opening: Any) -> str:
    """Open a case, if an earlier click did not; return its reference."""
    unsent_typing.forget(ctx, _place(opening["pack"], opening["kind"]))
    return _find_opened(ctx, opening["case_id"]) or commands.open_case(ctx, **opening).ref


def _place(pack: str, kind: str) -> str:
    return url_for("cases.new", pack=pack, kind=kind)


def _find_opened(ctx: Context, case_id: UUID) -> str | None:
    """Return the reference of the case that an earlier click opened, or None."""
    try:
        return case_heads.get_case_head(ctx.connection, commands.ref_of(case_id)).ref
    except CaseNotFound:
        return None


def _kind_for_me(pack: str, kind: str) -> tuple[Definition, Kind]:
    """Return the pack's version in force, and its kind of that id; its first for "".

    Another council's pack answers as one not there.
    """
    if context.actor().pack not in (None, pack):
        raise DefinitionNotFound(pack)
    with context.reading() as connection:
        definition = published_versions.current_definition(connection, pack)
    found = definition.pack.kinds.get(kind or definition.pack.first_kind)
    if found is None:
        raise DefinitionNotFound(kind)
    context.asks(definition.forms[found.form])
    if not may_open_case(context.actor(), pack, found):
        raise NotPermitted(context.actor().name, "open such a case")
    return definition, found


def _likely_people(pack: str, kind: Kind) -> dict[str, str]:
    """Return role -> user name to begin with: in training the demo people, the opener's own
    manager, and the opener."""
    actor = context.actor()
    with context.reading() as connection:
        likely = reads.training_people(connection, pack)
    if actor.manager:
        likely[kind.managed_by] = actor.manager
    return {**likely, **dict.fromkeys(actor.roles, actor.name)}


def _defaults(form: Form, mine: dict[str, str]) -> dict[str, JsonValue]:
    values = {each.name: each.default for each in form.fields if each.default is not None}
    return {**values, **{each.name: mine[each.name] for each in form.fields if each.name in mine}}


def _case_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadRequest("The form is incomplete. Open the page again.") from None


@dataclass(frozen=True)
class Same:
    """The open cases about the same that the opener sees, how many others there are, and what they
    have in common."""

    cases: tuple[CaseHead, ...]
    hidden: int
    facts: tuple[str, ...]


def _same(error: SameOpen) -> Same:
    context.look_again()  # It may have been opened a moment ago.
    with context.reading() as connection:
        heads = [case_heads.get_case_head(connection, ref) for ref in error.refs]
    context.saw(error.refs)
    return Same(tuple(heads), error.hidden, error.facts)


@dataclass(frozen=True)
class Sent:
    """What an opening form is shown with; `was_kept`: typed before a session ended.

    `again_because` is None until the page asks for it, because a case about the same is open.
    """

    raw: Raw
    case_id: UUID
    policy: str | None = None
    was_kept: bool = False
    again_because: str | None = None
    same: Same | None = None


def _opening_page(
    definition: Definition,
    opened: Kind,
    sent: Sent,
    problems: dict[str, str],
    status: int,
) -> ResponseReturnValue:
    form = definition.forms[opened.form]
    page = layout.lay_out(
        form, raw=sent.raw, problems=problems, people=people_to_choose(definition.pack.id)
    )
    html = render_template(
        "cases/new.html",
        page=page,
        pack=definition.pack,
        policies=definition.pack.policies_in_force(context.today(), opened.id),
        case_id=sent.case_id,
        policy=sent.policy or definition.pack.default_policy(opened.id),
        place=_place(definition.pack.id, opened.id),
        was_kept=sent.was_kept,
        same=sent.same,
        again_because=sent.again_because,
        again_problem=problems.get(AGAIN, ""),
    )
    return html, status


@pages.get("/cases/<ref>")
def show(ref: str) -> ResponseReturnValue:
    """The page of a case."""
    with context.reading() as connection:
        view = reads.get_case(connection, ref, today=context.today())
        case = view.head
        definition = published_versions.get_definition(connection, case.definition)
        rows = reads.list_deadlines(connection, case.id, today=context.today(), all=True)
        timeline = history.list_history(connection, case.id, limit=TIMELINE, newest_first=True)
        done = history.done_elements(connection, case.id)
        circle = circle_of(connection, case.id, today=context.today())
        arranged = appointments.list_arranged(connection, case.id, definition, view.facts)
        looking_on = onlookers.list_onlookers(connection, case.id, today=context.today())
    main = definition.pack.kinds[case.kind].process
    return render_template(
        "cases/show.html",
        case=case,
        view=view,
        may_correct=bool(case_page.correctable_by_me(view, definition, circle)),
        may_comment=may_comment(context.actor(), circle),
        definition=definition,
        policy=definition.pack.policies.get(case.policy),
        workers=case_page.workers(view.facts, definition),
        line=list(case_page.words_of(case.words.line, view.facts, definition).values()),
        summary=case_page.words_of(case.words.summary, view.facts, definition, blank=True).items(),
        looking_on=looking_on,
        facts=case_page.shown_facts(view.facts, definition),
        next_up=case_page.next_up(view.work_items),
        duties=case_page.duties(rows, arranged),
        past=case_page.past(rows),
        drawing=drawing.draw(
            definition, main, done=done, instances=view.instances, work_items=view.work_items
        ),
        timeline=timeline,
        messages=case_page.offered(
            [
                each
                for each in definition.pack.messages_of(case.kind)
                if may_tell(context.actor(), circle, definition.pack, each.name)
            ],
            case,
            view.facts,
            definition,
        ),
        ended=endings.ended(case, view.facts, definition),
    )


@pages.get("/cases/<ref>/processes/<process>")
def process(ref: str, process: str) -> ResponseReturnValue:
    """The detail of one box of the flowchart, for this child."""
    with context.reading() as connection:
        view = reads.get_case(connection, ref, today=context.today())
        definition = published_versions.get_definition(connection, view.head.definition)
        if process not in definition.processes:
            abort(404)
        done = history.done_elements(connection, view.head.id)
    return render_template(
        "cases/process.html",
        case=view.head,
        drawing=drawing.draw(
            definition, process, done=done, instances=view.instances, work_items=view.work_items
        ),
    )


@pages.get("/cases/<ref>/recorded/<int:sequence>")
def recorded(ref: str, sequence: int) -> ResponseReturnValue:
    """Done: did it work, and what follows?"""
    with context.reading() as connection:
        view = reads.get_case(connection, ref, today=context.today())
        case = view.head
        if not 1 <= sequence <= case.version:
            abort(404)
        picture = history.get_picture(connection, case.id, sequence)
        before = _work_before(connection, case.id, sequence)
        definition = published_versions.get_definition(connection, case.definition)
    form = case_page.form_of(picture.event, definition, case.kind)
    return render_template(
        "cases/recorded.html",
        case=case,
        sitting=sittings.after(form, ref, picture.event.answers or {}),
        event=picture.event,
        opened=[item for item in picture.work_items if item.id not in before],
        dates={item.id: item.act_by_on for item in view.work_items},
        duties=case_page.duties(picture.deadlines),
        mine=[item for item in view.work_items if item.assignee == context.actor().name],
        ended=endings.ended(case, view.facts, definition),
        definition=definition,
    )


def _work_before(connection: Connection, case_id: UUID, sequence: int) -> set[UUID]:
    if sequence == 1:
        return set()
    return {item.id for item in history.get_picture(connection, case_id, sequence - 1).work_items}

"""Report something about a child: a significant change, and the pack's other messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import commands
from engine.domain import Role
from engine.errors import AnswersRefused, NothingWaits, NotPermitted
from engine.open_work import case_heads
from engine.open_work.case_heads import CaseHead
from engine.packs.forms import Form
from engine.packs.manifest import MessageType
from engine.people.case_circle import circle_of
from engine.people.permissions import may_tell
from engine.storage import published_versions
from web.forms import layout, payload_forms, typed_answers
from web.forms.inputs import people_to_choose
from web.forms.typed_answers import Raw, Typed
from web.pages import onward
from web.request import context, unsent_typing

pages = Blueprint("messages", __name__)


@dataclass(frozen=True)
class _Named:
    """A message of the case's pack, and the pack's roles, some of which are told."""

    message: MessageType
    roles: Mapping[str, Role]


@pages.get("/cases/<ref>/messages/<name>")
def show(ref: str, name: str) -> ResponseReturnValue:
    """The form of one message."""
    case, named, form = _find(ref, name)
    kept = unsent_typing.kept_for(_place(ref, name))
    typed = typed_answers.read_posted(form, kept) if kept is not None else Typed({})
    return _page(case, named, form, typed.raw, typed.problems, 200, was_kept=kept is not None)


@pages.post("/cases/<ref>/messages/<name>")
def send(ref: str, name: str) -> ResponseReturnValue:
    """Deliver the message, or show the form again with everything kept."""
    case, named, form = _find(ref, name)
    typed = typed_answers.read_posted(form, request.form)
    try:
        typed_answers.require_readable(form, typed)
        step = context.writing(
            lambda ctx: onward.recorded(
                ctx, commands.send_message(ctx, ref, name, typed.answers), sent=_place(ref, name)
            )
        )
    except AnswersRefused as refused:
        problems = {**refused.problems, **typed.problems}
        return _page(case, named, form, typed.raw, problems, 422)
    except NothingWaits:
        nothing = {"": "Nothing in this case waits for this. Nothing was changed."}
        return _page(case, named, form, typed.raw, nothing, 409)
    return onward.to_recorded(step)


def _find(ref: str, name: str) -> tuple[CaseHead, _Named, Form]:
    with context.reading() as connection:
        case = case_heads.get_case_head(connection, ref)
        definition = published_versions.get_definition(connection, case.definition)
        circle = circle_of(connection, case.id, today=context.today())
    message = definition.pack.messages.get(name)
    if message is None:
        abort(404)
    form = payload_forms.message_form(definition.pack, message)
    context.asks(form)
    if not may_tell(context.actor(), circle, definition.pack, name):
        raise NotPermitted(context.actor().name, f"tell {ref} {name}")
    named = _Named(message, definition.pack.roles)
    return case, named, form


def _place(ref: str, name: str) -> str:
    return url_for("messages.show", ref=ref, name=name)


def _page(
    case: CaseHead,
    named: _Named,
    form: Form,
    raw: Raw,
    problems: dict[str, str],
    status: int,
    *,
    was_kept: bool = False,
) -> ResponseReturnValue:
    page = layout.lay_out(form, raw=raw, problems=problems, people=people_to_choose(case.pack))
    html = render_template(
        "cases/message.html",
        case=case,
        message=named.message,
        roles=named.roles,
        page=page,
        place=_place(case.ref, named.message.name),
        was_kept=was_kept,
    )
    return html, status

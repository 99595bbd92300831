"""Say something about a child that no form asks for; it stands in the timeline."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import comments
from engine.context import Context
from engine.errors import AnswersRefused
from engine.open_work import case_heads
from web.request import context, unsent_typing

pages = Blueprint("comments", __name__, url_prefix="/cases/<ref>/comments")


@pages.get("")
def show(ref: str) -> ResponseReturnValue:
    """An empty comment."""
    kept = unsent_typing.kept_for(_place(ref))
    text = kept.get("text", "") if kept is not None else ""
    return _page(ref, text, "", 200, was_kept=kept is not None)


@pages.post("")
def add(ref: str) -> ResponseReturnValue:
    """Write the comment, or show it again with what is wrong."""
    text = request.form.get("text", "")
    try:
        context.writing(lambda ctx: _add(ctx, ref, text))
    except AnswersRefused as refused:
        return _page(ref, text, refused.problems["text"], 422)
    flash("Your comment stands in the history.")
    return redirect(url_for("cases.show", ref=ref, _anchor="timeline"), 303)


def _add(ctx: Context, ref: str, text: str) -> None:
    comments.add_comment(ctx, ref, text)
    unsent_typing.forget(ctx, _place(ref))


def _place(ref: str) -> str:
    return url_for("comments.show", ref=ref)


def _page(
    ref: str, text: str, problem: str, status: int, *, was_kept: bool = False
) -> ResponseReturnValue:
    with context.reading() as connection:
        case = case_heads.get_case_head(connection, ref)
    html = render_template(
        "cases/comment.html", case=case, text=text, problem=problem, was_kept=was_kept
    )
    return html, status

"""The table of routes: who may call each, what it may bring, as which step it counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from engine.people import permissions

Who = Literal["anyone", "signed in", "case", "work item"]


@dataclass(frozen=True)
class Route:
    """Who may call a route, and what is known of it beforehand.

    `roles` narrows it to people who have one of them. `step` is the kind of step that it makes, by
    which it is counted. `takes_files`: it may bring five times as much.
    """

    who: Who
    roles: tuple[str, ...] = ()
    training_only: bool = False
    step: str = ""
    takes_files: bool = False


ANYONE = Route("anyone")
SIGNED_IN = Route("signed in")
CASE = Route("case")
WORK_ITEM = Route("work item")
OWNS_PROCESSES = Route("signed in", roles=permissions.PUBLISHES)
TRACKS = Route("signed in", roles=permissions.TRACKS)
SEES_ALL_CASES = Route("signed in", roles=("auditor",))
LEADS = Route("signed in", roles=permissions.ALLOCATES)
LOOKS_AFTER_PEOPLE = Route("signed in", roles=(*permissions.ALLOCATES, *permissions.OPERATES))
OPERATES = Route("signed in", roles=permissions.OPERATES)
TRAINING = Route("signed in", training_only=True)
TRAINING_ANYONE = Route("anyone", training_only=True)

ROUTES: dict[str, Route] = {
    "static": ANYONE,
    "health.show": ANYONE,
    # This machine, or an administrator: the view tells them apart.
    "metrics.show": ANYONE,
    "health.retry": OPERATES,
    "health.skip": OPERATES,
    "health.fire": OPERATES,
    "sign_in.show": TRAINING_ANYONE,
    "sign_in.enter": TRAINING_ANYONE,
    "sign_in.leave": SIGNED_IN,
    "work.home": SIGNED_IN,
    "work.index": SIGNED_IN,
    "work.answer": WORK_ITEM,
    "work.claim": WORK_ITEM,
    "work.save_filter": SIGNED_IN,
    "work.remove_filter": SIGNED_IN,
    # Of the tasks given away each is checked by itself.
    "allocation.index": LEADS,
    "allocation.give": LEADS,
    "tracker.index": TRACKS,
    "tracker.file": TRACKS,
    "search.show": SIGNED_IN,
    "search.find": SIGNED_IN,
    "people.index": LOOKS_AFTER_PEOPLE,
    # Oneself, one's team, or everybody: the view and the commands tell them apart.
    "people.show": SIGNED_IN,
    "people.name_cover": SIGNED_IN,
    "people.end_cover": SIGNED_IN,
    "people.leave": LOOKS_AFTER_PEOPLE,
    "comments.show": CASE,
    "comments.add": CASE,
    "children.index": SIGNED_IN,
    "cases.index": SEES_ALL_CASES,
    # Who opens which kind of case is the pack's to say: the views and the command ask it.
    "cases.choose": SIGNED_IN,
    "cases.new": SIGNED_IN,
    "cases.create": replace(SIGNED_IN, step="case_opened"),
    "cases.show": CASE,
    "cases.process": CASE,
    "cases.recorded": CASE,
    "papers.show": CASE,
    "messages.show": CASE,
    "messages.send": replace(CASE, step="message"),
    "corrections.show": CASE,
    "corrections.record": replace(CASE, step="fact_corrected"),
    "work_items.show": WORK_ITEM,
    "work_items.submit": replace(WORK_ITEM, step="work_item_completed"),
    "work_items.autosave": WORK_ITEM,
    "work_items.done": WORK_ITEM,
    "sections.show": WORK_ITEM,
    "sections.save": WORK_ITEM,
    "sections.check": WORK_ITEM,
    "sections.complete": WORK_ITEM,
    "work_items.claim": WORK_ITEM,
    "work_items.release": WORK_ITEM,
    "work_items.assign": WORK_ITEM,
    "history.index": CASE,
    "history.show": CASE,
    "history.on_day": CASE,
    "packs.index": SIGNED_IN,
    "packs.show": SIGNED_IN,
    "packs.process": SIGNED_IN,
    "packs.table": SIGNED_IN,
    "packs.form": SIGNED_IN,
    "packs.file": SIGNED_IN,
    "packs.archive": SIGNED_IN,
    "packs.check": replace(OWNS_PROCESSES, takes_files=True),
    "packs.publish": replace(OWNS_PROCESSES, takes_files=True),
    "clock.show": TRAINING,
    "clock.advance": TRAINING,
    "api.openapi": ANYONE,
    "api.open_case": replace(SIGNED_IN, step="case_opened"),
    "api.get_case": CASE,
    "api.list_deadlines": CASE,
    "api.list_history": CASE,
    "api.get_picture": CASE,
    "api.send_message": replace(CASE, step="message"),
    "api.correct_fact": replace(CASE, step="fact_corrected"),
    "api.add_comment": CASE,
    "api.get_tracker": TRACKS,
    "api.find_cases": SIGNED_IN,
    "api.list_cover": SIGNED_IN,
    "api.name_cover": SIGNED_IN,
    "api.end_cover": SIGNED_IN,
    "api.hand_over": LOOKS_AFTER_PEOPLE,
    "api.list_work_items": SIGNED_IN,
    "api.get_work_item": WORK_ITEM,
    "api.complete_work_item": replace(WORK_ITEM, step="work_item_completed"),
    "api.save_draft": WORK_ITEM,
    "api.claim": WORK_ITEM,
    "api.release": WORK_ITEM,
    "api.assign": WORK_ITEM,
    "api.check_definitions": replace(OWNS_PROCESSES, takes_files=True),
    "api.publish_definitions": replace(OWNS_PROCESSES, takes_files=True),
    "api.list_incidents": OPERATES,
    "api.retry_incident": OPERATES,
    "api.skip_incident": OPERATES,
    "api.get_clock": TRAINING,
    "api.set_clock": TRAINING,
}

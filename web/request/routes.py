"""The table of routes: who may call each, what it may bring, as which step it counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from engine.context import Actor
from engine.packs import authority
from engine.people import permissions

Who = Literal["anyone", "signed in", "case", "work item", "case of the council", "pack", "person"]
"""Whom a route is for: those who see its case or its work item; those of the council whose case,
pack or person it is about."""


@dataclass(frozen=True)
class Route:
    """Who may call a route, and what is known of it beforehand.

    `roles` and `powers` narrow it to people who have one of either. `step` is the kind of step that
    it makes, by which it is counted. `takes_files`: it may bring five times as much. `lists`: it
    shows several cases, and the access log says which.
    """

    who: Who
    roles: tuple[str, ...] = ()
    powers: tuple[str, ...] = ()
    training_only: bool = False
    step: str = ""
    takes_files: bool = False
    lists: bool = False

    def lets(self, actor: Actor) -> bool:
        """Return whether this is for somebody with the roles and powers of `actor`."""
        is_for_all = not (self.roles or self.powers)
        return is_for_all or actor.is_any(*self.roles) or not actor.powers.isdisjoint(self.powers)


ANYONE = Route("anyone")
SIGNED_IN = Route("signed in")
CASE = Route("case")
WORK_ITEM = Route("work item")
PACK = Route("pack")
OWNS_PROCESSES = Route("signed in", roles=permissions.PUBLISHES)
OWNS_PACK = replace(PACK, roles=permissions.PUBLISHES)
PERSON = Route("person")
TRACKS = Route("signed in", powers=(authority.TRACKS,))
LISTS = Route("signed in", powers=(authority.LISTS,))
SEES_ALL_CASES = Route("signed in", roles=("auditor",))
LEADS = Route("signed in", powers=(authority.ALLOCATES,))
LOOKS_AFTER_PEOPLE = Route("signed in", roles=permissions.OPERATES, powers=(authority.ALLOCATES,))
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
    "health.fire": replace(OPERATES, who="case of the council"),
    "sign_in.show": TRAINING_ANYONE,
    "sign_in.enter": TRAINING_ANYONE,
    "sign_in.leave": SIGNED_IN,
    "work.home": SIGNED_IN,
    "work.index": replace(SIGNED_IN, lists=True),
    "work.answer": WORK_ITEM,
    "work.claim": WORK_ITEM,
    "work.save_filter": SIGNED_IN,
    "work.remove_filter": SIGNED_IN,
    # Of the tasks given away each is checked by itself.
    "allocation.index": replace(LEADS, lists=True),
    "allocation.give": LEADS,
    "tracker.index": replace(TRACKS, lists=True),
    "tracker.file": replace(TRACKS, lists=True),
    "search.show": LISTS,
    "search.find": replace(LISTS, lists=True),
    "people.index": LOOKS_AFTER_PEOPLE,
    # Oneself, one's team, or everybody: the view and the commands tell them apart.
    "people.show": PERSON,
    "people.name_cover": PERSON,
    "people.end_cover": SIGNED_IN,
    "people.leave": replace(LOOKS_AFTER_PEOPLE, who="person"),
    "comments.show": CASE,
    "comments.add": CASE,
    # Whoever has no list of their own but is an outside agency's is told there what was told them.
    "own_cases.index": replace(SIGNED_IN, lists=True),
    "cases.index": replace(SEES_ALL_CASES, lists=True),
    # Who opens which kind of case is the pack's to say: the views and the command ask it.
    "cases.choose": SIGNED_IN,
    "cases.new": PACK,
    "cases.create": replace(PACK, step="case_opened"),
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
    "packs.show": PACK,
    "packs.process": PACK,
    "packs.table": PACK,
    "packs.form": PACK,
    "packs.file": PACK,
    "packs.archive": PACK,
    "packs.check": replace(OWNS_PACK, takes_files=True),
    "packs.publish": replace(OWNS_PACK, takes_files=True),
    "kept_typing.forget": SIGNED_IN,
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
    "api.get_tracker": replace(TRACKS, lists=True),
    "api.find_cases": replace(LISTS, lists=True),
    "api.list_cover": SIGNED_IN,
    "api.name_cover": SIGNED_IN,
    "api.end_cover": SIGNED_IN,
    "api.hand_over": replace(LOOKS_AFTER_PEOPLE, who="person"),
    "api.list_work_items": replace(SIGNED_IN, lists=True),
    "api.get_work_item": WORK_ITEM,
    "api.complete_work_item": replace(WORK_ITEM, step="work_item_completed"),
    "api.save_draft": WORK_ITEM,
    "api.claim": WORK_ITEM,
    "api.release": WORK_ITEM,
    "api.assign": WORK_ITEM,
    "api.check_definitions": replace(OWNS_PROCESSES, takes_files=True),
    "api.publish_definitions": replace(OWNS_PROCESSES, takes_files=True),
    "api.list_incidents": replace(OPERATES, lists=True),
    "api.retry_incident": OPERATES,
    "api.skip_incident": OPERATES,
    "api.get_clock": TRAINING,
    "api.set_clock": TRAINING,
}

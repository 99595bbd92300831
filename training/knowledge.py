"""What people know that no form says: which plan, which day, how often something goes wrong.

Small on purpose. A question that is not here is answered from its schema; one that a form lost
does no harm.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from engine.domain import JsonValue
from engine.reads.work_item import WorkItemView
from training.stories import Story

Known = dict[str, JsonValue]
TIMES = ("09:30", "10:00", "11:30", "13:00", "14:00", "15:30")
"""When meetings begin."""


@dataclass(frozen=True)
class Moment:
    """One task in one person's hands. `workday` moves a day on to a working day."""

    story: Story
    view: WorkItemView
    facts: Mapping[str, JsonValue]
    today: date
    rng: random.Random
    workday: Callable[[date], date]
    meetings: int
    """Meetings held for this child so far."""

    def fact(self, name: str) -> date | None:
        """Return a fact that is a date."""
        value = self.facts.get(name)
        return date.fromisoformat(value) if isinstance(value, str) else None

    def within(self, least: int, most: int) -> date:
        """Return a working day so many days ahead."""
        return self.workday(self.today + timedelta(days=self.rng.randint(least, most)))

    def finds(self, what: str, probability: float) -> bool:
        """Return whether something is so: always for some children, now and then for others."""
        return what in self.story.always or self.rng.random() < probability


def known(moment: Moment) -> Known:
    """Return what is known of a task's answers; a form has only some of the questions."""
    asked = moment.view.form.schema.get("properties", {})
    find = _BY_FORM.get(moment.view.form.id)
    found = find(moment) if find else {}
    return {name: value for name, value in found.items() if name in asked}


def _arranging(moment: Moment) -> Known:
    limit = moment.view.item.limit_on
    booked = moment.fact("ppm_agreed_on")
    if moment.view.item.optional:
        return {
            "called_off": False,
            "meeting_date": moment.within(2, 12).isoformat(),
            "late_reason": "People are ill",
            "change_reason": "People are ill",
        }
    day = moment.within(2, 9)
    if booked is not None and booked >= moment.today:
        day = booked
    elif limit is not None and moment.today < limit < day:
        day = limit
    late = limit is not None and day > limit
    return {
        "called_off": False,
        "meeting_date": day.isoformat(),
        "time": moment.rng.choice(TIMES),
        "place": "Council House",
        "late_reason": "The diaries allowed no earlier day" if late else None,
    }


def _chairing(moment: Moment) -> Known:
    story, today = moment.story, moment.today
    settled = moment.meetings + 1 >= story.settles_after
    drift = not settled and moment.finds("drift", 0.05)
    found: Known = {
        **_plans(moment),
        "held_date": today.isoformat(),
        "views_date": today.isoformat(),
        "genogram_current": moment.rng.random() < 0.9,
        "stage": _stage(moment, settled),
        "drift": drift,
        "drift_reason": "The assessment has stalled" if drift else None,
        "permanence_achieved": settled,
        "permanence_achieved_date": today.isoformat() if settled else None,
        "permanence_achieved_basis": "The order is made and the child settled" if settled else None,
        "next_ppm_date": moment.within(38, 42).isoformat(),
        "sgo_considered": "Considered with the family",
        "actions": _actions(moment),
        "dissent": None,
        "assessments": None,
    }
    if moment.finds("dissent", 0.04):
        found["dissent"] = [{"person": "Grandmother", "view": "Wants the child with her"}]
    found["assessment_needed"] = moment.meetings == 0 or moment.rng.random() < 0.15
    if found["assessment_needed"]:
        found["assessments"] = [_assessment(moment)]
    if moment.rng.random() < 0.1:
        found["plan_target_date"] = moment.within(30, 200).isoformat()
    return {**found, "network": _family(moment), **_planned(moment, settled)}


def _family(moment: Moment) -> list[JsonValue]:
    """Return the family: at first somebody is not explored, later most of them are."""
    rows = moment.view.values.get("network")
    if not isinstance(rows, list):
        return [{"person": "Aunt", "relation": "Sister of the mother", "standing": "not_explored"}]
    return [
        {**row, "standing": moment.rng.choice(("support", "neither", "not_explored"))}
        for row in rows
        if isinstance(row, dict)
    ]


_PLANNED_AT = {
    "family_finding": "profile_on",
    "matching": "introductions_on",
    "introductions": "transition_on",
}
"""Stage -> the day that is planned at it."""


def _planned(moment: Moment, settled: bool) -> Known:
    """Return the days planned at this stage; what is planned already stands among the actions."""
    days: Known = dict.fromkeys(_PLANNED_AT.values())
    planned = _PLANNED_AT.get(_stage(moment, settled))
    if planned is not None and moment.rng.random() < 0.3:
        days[planned] = moment.within(14, 35).isoformat()
    return days


ACTIONS = (
    ("See the family at home", "social_worker"),
    ("Agree the family time for the holidays", "team_manager"),
    ("Speak with the child alone", "iro"),
    ("Write a report on progress at school", "The school"),
    ("Keep a diary of how the child settles", "Foster carer"),
)
"""What meetings agree, and the role whose person does it, or who else."""


def _actions(moment: Moment) -> list[JsonValue]:
    """What is open is carried on, with a later day where its own has passed; one is new."""
    opened = moment.view.values.get("actions")
    rows = [row for row in opened if isinstance(row, dict)] if isinstance(opened, list) else []
    agreed: list[JsonValue] = []
    for row in rows:
        kept = {name: row[name] for name in ("text", "owner", "due")}
        if str(row["due"]) <= moment.today.isoformat():
            kept |= {"due": moment.within(7, 30).isoformat(), "reason": "There was no time"}
        agreed.append(kept)
    known = {row["text"] for row in rows}
    text, who = moment.rng.choice(ACTIONS)
    if text not in known:
        owner = str(moment.facts.get(who) or who)
        due = moment.within(7, 40)
        new: dict[str, JsonValue] = {"text": text, "owner": owner, "due": due.isoformat()}
        if moment.rng.random() < 0.5:
            new["review_on"] = (due - timedelta(days=3)).isoformat()
        agreed.append(new)
    return agreed


def _acted(moment: Moment) -> Known:
    standing = moment.rng.choice(("done",) * 17 + ("carried", "carried", "dropped"))
    carried = standing == "carried"
    return {
        "standing": standing,
        "done_on": moment.today.isoformat() if standing == "done" else None,
        "new_date": moment.within(7, 30).isoformat() if carried else None,
        "review_on": None,
        "reason": None if standing == "done" else "The family was away",
    }


def _plans(moment: Moment) -> Known:
    """Every option is discussed; two of them stand beside each other."""
    plan, parallel = moment.story.plan, moment.story.parallel
    if moment.rng.random() < 0.03:
        plan, parallel = parallel, plan
    opened = moment.view.values.get("options")
    rows = opened if isinstance(opened, list) else []
    offered = [str(row["option"]) for row in rows if isinstance(row, dict) and "option" in row]
    standing = {plan: "pursued", parallel: "parallel"}
    return {
        "primary_plan": plan,
        "parallel_plan": parallel,
        "options": [
            {
                "option": option,
                "standing": standing.get(option, "ruled_out"),
                "reason": "Discussed with everybody there",
            }
            for option in dict.fromkeys([*offered, plan, parallel])
        ],
    }


def _stage(moment: Moment, settled: bool) -> str:
    if settled:
        return "settled"
    far = moment.meetings / max(1, moment.story.settles_after)
    stages = ("assessment", "family_finding", "matching", "introductions", "monitoring")
    return stages[min(int(far * len(stages)), len(stages) - 1)]


def _assessment(moment: Moment) -> dict[str, JsonValue]:
    kinds = ("Parenting assessment", "Viability assessment", "Health assessment")
    due = moment.within(25, 80)
    return {
        "type": moment.rng.choice(kinds),
        "subject": moment.rng.choice(("Mother", "Aunt", "Grandmother")),
        "assessor": "Social worker",
        "review_date": moment.workday(due - timedelta(days=14)).isoformat(),
        "due_date": due.isoformat(),
    }


def _booking(moment: Moment) -> Known:
    booked, limit = moment.fact("next_review_on"), moment.view.item.limit_on
    day = moment.within(3, 12)
    if moment.view.item.optional:
        day = moment.within(3, 12)
    elif booked is not None and booked > moment.today:
        day = booked
    elif limit is not None and limit > moment.today:
        day = min(limit, moment.within(3, 60))
    return {
        "called_off": False,
        "review_date": day.isoformat(),
        "time": moment.rng.choice(TIMES),
        "place": "Council House, room 2",
    }


def _reviewing(moment: Moment) -> Known:
    ratified = moment.finds("ratified", 0.92)
    first = moment.fact("first_review_held_on") is None
    ahead = moment.within(70, 85) if first else moment.within(150, 180)
    return {
        "held_date": moment.today.isoformat(),
        "plan_ratified": ratified,
        "plan_ratified_reason": None if ratified else "The plan lacks an assessment",
        "plan_valid": True,
        "progress": "as_planned",
        "plan_changed": moment.finds("changes", 0.06),
        "permanence_confirmed": moment.facts.get("permanence_proposed") is True and ratified,
        "next_review_date": ahead.isoformat(),
    }


def _earlier(moment: Moment) -> Known:
    booked = moment.fact("next_review_on")
    forward = booked is not None and (booked - moment.today).days > 20
    forward = forward and moment.rng.random() < 0.15
    return {
        "bring_forward": forward,
        "new_date": moment.within(5, 15).isoformat() if forward else None,
        "reason": None if forward else "The day that is booked is early enough",
    }


def _entry(moment: Moment) -> Known:
    entered = moment.story.care_entry_on or moment.today
    reviewed = entered + timedelta(days=20)
    long_ago = (moment.today - entered).days > 40
    return {
        "care_entry_date": entered.isoformat(),
        "legal_status": moment.rng.choice(("C1", "C2", "V2")),
        "first_review_held_on": reviewed.isoformat() if long_ago else None,
        "last_review_held_on": (
            max(reviewed, moment.today - timedelta(days=moment.rng.randint(10, 150))).isoformat()
            if long_ago
            else None
        ),
        "second_review_ratified": True if long_ago else None,
        "born_on": moment.story.answers.get("dob") or entered.isoformat(),
    }


def _reconsidering(moment: Moment) -> Known:
    if moment.fact("came_into_care_on") is None:
        return {"early_review_date": None}
    booked = moment.fact("next_review_on")
    day = moment.within(5, 20)
    if booked is not None and booked >= moment.today:
        day = min(day, booked)
    return {"early_review_date": day.isoformat()}


def _drift_met(moment: Moment) -> Known:
    held = moment.fact("last_ppm_held_on")
    return {"ppm_date": None if held is None else held.isoformat()}


def _assessed(moment: Moment) -> Known:
    withdrawn = moment.rng.random() < 0.08
    return {"outcome": "withdrawn" if withdrawn else "completed", "summary": "Kept in LCS"}


def _ceasing(moment: Moment) -> Known:
    approved = moment.rng.random() < 0.85
    return {"approved": approved, "reason": None if approved else "Too early for the child"}


def _deciding(moment: Moment) -> Known:
    outcomes = ("approved",) * 8 + ("deferred", "declined")
    outcome = moment.rng.choice(outcomes)
    if moment.view.form.id == "record_adm_decision" and outcome == "deferred":
        outcome = "approved"
    return {"date": moment.today.isoformat(), "outcome": outcome}


def _dissent(moment: Moment) -> Known:
    return {"outcome": moment.rng.choice(("resolved", "resolved", "upheld", "escalated"))}


_BY_FORM: Mapping[str, Callable[[Moment], Known]] = {
    "answer_dissent_aepp": _dissent,
    "answer_dissent_iro": _dissent,
    "approve_ceasing": _ceasing,
    "arrange_ppm": _arranging,
    "rearrange_ppm": _arranging,
    "book_review": _booking,
    "rebook_review": _booking,
    "chair_ppm": _chairing,
    "complete_action": _acted,
    "complete_assessment": _assessed,
    "conduct_review": _reviewing,
    "consider_earlier_review": _earlier,
    "hold_drift_ppm": _drift_met,
    "reconsider_plan": _reconsidering,
    "record_adm_decision": _deciding,
    "record_care_entry": _entry,
    "record_panel_outcome": _deciding,
}

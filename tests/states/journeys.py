"""Journeys of Dudley's cases, each cut where something waits: what `write_states` keeps.

Plain data: `before` leads to the wait, `then` goes on from it, several steps or to the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from tests.builders.world import ARRANGE, CASE, CHAIR
from tests.journeys.council import PANEL, REVIEW
from tests.journeys.test_dudley_work import ANSWER, HEALTH, PARENTING, RECONSIDERED
from tests.journeys.test_monitoring_panel import ASKED, LEADER, RECORD
from tests.states.played import Step

UNBORN = {"cause": "pre_birth", "legal_status": "none", "dob": None, "edd": "2026-06-01"}
DISSENT = [{"person": "Mother", "view": "Home"}, {"person": "Carer", "view": "Stay"}]
FAR_OFF = "2040-01-01"
NEITHER = {"consent": False, "financial_assessment": False}


@dataclass(frozen=True)
class Journey:
    """One or several cases of one database: what leads to the wait, and what follows it."""

    about: str
    before: list[Step]
    then: list[Step]


def opened(number: int = 1, *, policy: str = "D-PG", **facts: Any) -> Step:
    """Open a child's case."""
    return {
        "do": "open",
        "as": "dudley.social_worker",
        "pack": "dudley",
        "kind": "child",
        "policy": policy,
        "id": str(uuid5(NAMESPACE_URL, f"permanence:kept:{number}")),
        "answers": {**CASE, "child_ref": f"X-{number}", **facts},
    }


def panel_opened() -> Step:
    return {
        "do": "open",
        "as": "dudley.pmp_chair",
        "pack": "dudley",
        "kind": "monitoring_panel",
        "id": str(uuid5(NAMESPACE_URL, "permanence:kept:panel")),
        "answers": PANEL,
    }


def go(day: str, time: str = "09:00") -> Step:
    return {"do": "go", "to": f"{day}T{time}:00+00:00"}


def done(role: str, element: str, *, case: int = 0, title: str = "", **answers: Any) -> Step:
    """Complete the newest open work item of an element."""
    return {
        "do": "complete",
        "as": f"dudley.{role}",
        "case": case,
        "element": element,
        "title": title,
        "answers": answers,
    }


def sent(name: str, **payload: Any) -> Step:
    return {"do": "send", "as": "dudley.social_worker", "name": name, "payload": payload}


def corrected(fact: str, value: Any) -> Step:
    return {
        "do": "correct",
        "as": "dudley.social_worker",
        "fact": fact,
        "value": value,
        "reason": "Typing mistake",
    }


def arranged(day: str, **more: Any) -> Step:
    return done("social_worker", "arrange_ppm", **{**ARRANGE, "meeting_date": day, **more})


def chaired(day: str, **more: Any) -> Step:
    following = (date.fromisoformat(day) + timedelta(days=42)).isoformat()
    answers = {**CHAIR, "held_date": day, "next_ppm_date": following, **more}
    return done("team_manager", "chair_ppm", **answers)


def met(day: str, **chair: Any) -> list[Step]:
    """Hold a meeting on `day`."""
    return [go(day), arranged(day), chaired(day, **chair)]


def followed_up(day: str) -> Step:
    return done(
        "social_worker",
        "update_care_plan",
        updated_on=day,
        permanence_section="Adoption",
        pre_meeting_report_ref="R-1",
    )


def held(day: str, **answers: Any) -> Step:
    following = (date.fromisoformat(day) + timedelta(days=80)).isoformat()
    return done(
        "iro",
        "conduct_review",
        **{**REVIEW, "held_date": day, "next_review_date": following, **answers},
    )


def prepared(day: str) -> list[Step]:
    """Book the review on `day` and write its report."""
    return [
        go(day),
        done("iro", "book_review", review_date=day),
        done("social_worker", "write_pre_meeting_report", permanence_section="Adoption"),
    ]


def reviewed(day: str, **answers: Any) -> list[Step]:
    return [*prepared(day), held(day, **answers)]


def drafted(role: str, element: str, **answers: Any) -> Step:
    return {
        "do": "draft",
        "as": f"dudley.{role}",
        "element": element,
        "answers": answers,
    }


CLOSED = [
    sent("case_closed", closed_on="2026-05-15", reason="E4A"),
    done("nominated_officer", "approve_ceasing", approved=True),
]
"""What ends a case on 15 May 2026."""

_ON_TRACK = {"outcome": "on_track", "next_date": "2026-05-13"}
_NO = {"plan_ratified": False, "plan_ratified_reason": "No parallel plan"}

JOURNEYS: dict[str, Journey] = {
    "opened": Journey(
        "Just opened: the first meeting is to be arranged, a draft care plan is asked for, a "
        "review is to be booked; boundary timers on each.",
        [opened()],
        [
            done("social_worker", "draft_care_plan", text="Near school", completed_on="2026-03-09"),
            *met("2026-03-17"),
            followed_up("2026-03-17"),
            *reviewed("2026-04-08"),
            go("2026-05-15"),
            *CLOSED,
        ],
    ),
    "meeting": Journey(
        "The meeting is arranged and to be chaired; part of its record is saved as a draft.",
        [
            opened(),
            arranged("2026-03-17"),
            go("2026-03-17"),
            drafted("team_manager", "chair_ppm", child_views="Wants to stay near school."),
        ],
        [chaired("2026-03-17"), followed_up("2026-03-17"), *met("2026-04-20")],
    ),
    "follow_up": Journey(
        "After the meeting: the care plan and the genogram are to be brought up to date, while the "
        "six weeks run beside them.",
        [opened(), *met("2026-03-17", genogram_current=False)],
        [
            go("2026-03-25"),
            done("team_manager", "explain_breach", reason="Nobody was there"),
            followed_up("2026-03-25"),
            *met("2026-04-20"),
        ],
    ),
    "missed_date": Journey(
        "The date of the first meeting has passed: an explanation is asked for in an instance of "
        "its own, and the meeting is still to be arranged.",
        [opened(), go("2026-03-24")],
        [
            corrected("came_into_care_on", "2026-03-12"),
            go("2026-03-25"),
            arranged("2026-03-25"),
            chaired("2026-03-25"),
            followed_up("2026-03-25"),
        ],
    ),
    "review": Journey(
        "The child in care review is booked and its report written; it is to be held.",
        [opened(), *met("2026-03-17"), followed_up("2026-03-17"), *prepared("2026-04-08")],
        [
            held("2026-04-08", **_NO),
            go("2026-04-10"),
            sent("significant_change", changed_on="2026-04-10", what="Placement ended"),
            *met("2026-04-14"),
            done(
                "social_worker",
                "revise_care_plan",
                updated_on="2026-04-14",
                permanence_section="Adoption, and who",
                pre_meeting_report_ref="R-2",
            ),
        ],
    ),
    "panel_to_prepare": Journey(
        "A ratified plan of adoption is to be prepared for its panel.",
        [opened(), *met("2026-03-17"), followed_up("2026-03-17"), *reviewed("2026-03-30")],
        [
            done("social_worker", "prepare_panel", consent=False, financial_assessment=False),
            go("2026-04-20"),
            *met("2026-04-21"),
        ],
    ),
    "panel_outcome": Journey(
        "The Fostering Panel has deferred a plan; it is to be heard again.",
        [
            opened(),
            *met("2026-03-17", primary_plan="long_term_fostering", parallel_plan="residential"),
            *reviewed("2026-03-30"),
            done("social_worker", "prepare_panel", **NEITHER),
            done(
                "panel_administrator",
                "record_panel_outcome",
                date="2026-03-30",
                outcome="deferred",
            ),
        ],
        [
            go("2026-04-02"),
            done(
                "panel_administrator",
                "record_panel_outcome",
                date="2026-04-02",
                outcome="declined",
            ),
            *met("2026-04-14"),
        ],
    ),
    "early_permanence_panel": Journey(
        "The Achieving Early Permanence Panel is to consider the child at its monthly sitting.",
        [opened(), *met("2026-03-17"), go("2026-04-10")],
        [
            done(
                "aepp_chair",
                "review_child_at_aepp",
                considered_on="2026-04-10",
                next_date="2026-05-13",
                outcome="escalate",
                advice="No family finder",
                escalate_to="service_manager",
            ),
            done("iro", "reconsider_plan", **RECONSIDERED),
            *met("2026-04-24"),
            go("2026-05-12"),
        ],
    ),
    "dissent": Journey(
        "Two dissenting views: the IRO has answered one, the panel none; two instances of one "
        "process, each past a parallel fork.",
        [
            opened(),
            *met("2026-03-17", dissent=DISSENT),
            done("iro", "answer_dissent_iro", title="Mother", **ANSWER),
        ],
        [
            go("2026-04-01"),
            done("aepp_chair", "answer_dissent_aepp", title="Mother", **ANSWER),
            done("aepp_chair", "answer_dissent_aepp", title="Carer", **ANSWER),
            done("iro", "answer_dissent_iro", title="Carer", **{**ANSWER, "outcome": "escalated"}),
        ],
    ),
    "drift": Journey(
        "Delay: the IRO is to reconsider the plan, the service manager to hold a meeting.",
        [
            opened(),
            *met("2026-03-17", drift=True, drift_reason="No family found"),
            followed_up("2026-03-17"),
        ],
        [
            *met("2026-03-26"),
            done(
                "service_manager",
                "hold_drift_ppm",
                ppm_date="2026-03-26",
                drift_or_family_finding="drift",
            ),
            followed_up("2026-03-26"),
            go("2026-05-15"),
            *CLOSED,
        ],
    ),
    "target_date": Journey(
        "A target date of the plan runs in an instance of its own, which asks nobody until it is "
        "missed.",
        [opened(), *met("2026-03-17", plan_target_date="2026-06-30"), followed_up("2026-03-17")],
        [
            *met("2026-04-27", plan_target_date="2026-06-30"),
            go("2026-07-01"),
            done("iro", "reconsider_plan", **RECONSIDERED),
        ],
    ),
    "assessments": Journey(
        "Two assessments are commissioned, each with a date of its own.",
        [opened(), *met("2026-03-17", assessments=[PARENTING, HEALTH])],
        [
            go("2026-04-15"),
            done(
                "social_worker",
                "complete_assessment",
                title="Parenting",
                outcome="completed",
                viable="yes",
                date="2026-04-15",
            ),
            *met("2026-04-27", assessments=[{**HEALTH, "due_date": "2026-06-01"}]),
            go("2026-06-02"),
        ],
    ),
    "unborn": Journey(
        "Planned for before birth: care entry is to be recorded, no review runs yet.",
        [opened(**UNBORN), *met("2026-03-17")],
        [
            go("2026-05-29"),
            sent("child_born", born_on="2026-05-28", child_name="Ada Example"),
            go("2026-06-03"),
            done(
                "social_worker",
                "record_care_entry",
                care_entry_date="2026-06-02",
                legal_status="C1",
            ),
        ],
    ),
    "ceasing": Journey(
        "The end of care is reported and to be approved, while everything else goes on.",
        [
            opened(),
            *met("2026-03-17"),
            go("2026-05-15"),
            sent("case_closed", closed_on="2026-05-15", reason="E4A"),
        ],
        [
            done(
                "nominated_officer",
                "approve_ceasing",
                approved=False,
                reason="The assessment is not complete",
            ),
            *CLOSED,
        ],
    ),
    "policy_of_2021": Journey(
        "A case under the policy of 2021, its first meeting to be arranged.",
        [opened(policy="D-2021", event_date="2026-03-02")],
        [*met("2026-03-30"), followed_up("2026-03-30"), *met("2026-05-08")],
    ),
    "many_meetings": Journey(
        "Six meetings on: a dissent never answered, an assessment and a follow-up left open.",
        [
            opened(),
            *met("2026-03-17", dissent=DISSENT[:1], assessments=[{**HEALTH, "due_date": FAR_OFF}]),
            *(
                step
                for day in ("2026-04-27", "2026-06-08", "2026-07-20", "2026-08-28", "2026-10-09")
                for step in (*met(day), followed_up(day))
            ),
        ],
        [*met("2026-11-19"), followed_up("2026-11-19"), *met("2026-12-30")],
    ),
    "monitoring_panel": Journey(
        "The monitoring panel has sat: one agency is to answer, one leader to intervene.",
        [
            panel_opened(),
            go("2026-06-08"),
            done(
                "pmp_chair",
                "record_monitoring_panel",
                **RECORD,
                held_to_account=[ASKED],
                leadership_interventions=[LEADER],
            ),
        ],
        [
            go("2026-07-02"),
            done("pmp_chair", "record_agency_answer", response="July", answered_on="2026-07-01"),
            done(
                "pmp_chair",
                "record_leadership_intervention",
                what="Two posts agreed",
                done_on="2026-07-02",
            ),
            go("2026-09-07"),
            done(
                "pmp_chair",
                "record_monitoring_panel",
                **{**RECORD, "held_date": "2026-09-07", "last_panel": True},
            ),
        ],
    ),
    "view_escalated_to_panel": Journey(
        "Two cases: a child's dissenting view that nobody resolved stands before the monitoring "
        "panel, which is to consider it.",
        [
            opened(),
            panel_opened(),
            *met("2026-03-17", dissent=DISSENT[:1]),
            done("iro", "answer_dissent_iro", **{**ANSWER, "outcome": "escalated"}),
            done("aepp_chair", "answer_dissent_aepp", **ANSWER),
            go("2026-03-18"),
        ],
        [
            done(
                "pmp_chair",
                "consider_escalated_view",
                case=1,
                advice="Ask the court",
                considered_on="2026-03-18",
            ),
            followed_up("2026-03-18"),
            go("2026-05-12"),
        ],
    ),
}

OF_DEMONSTRATION: list[Step] = [
    done("team_manager", "explain_breach", case=2, reason="The room was taken"),
    *({**step, "case": 7} for step in (arranged("2026-03-16"), chaired("2026-03-16"))),
    {**followed_up("2026-03-16"), "case": 7},
    {**sent("child_died", died_on="2026-03-15"), "case": 1},
    go("2026-03-23"),
    {**held("2026-03-23"), "case": 2},
    go("2026-05-15"),
]
"""What goes on in the database of the demonstration, its cases counted by when they opened."""

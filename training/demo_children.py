"""The demonstration's children, all invented, and what their people record, day by day.

Days are counted back from the Monday of the week in which the clock ends, so that meetings fall
on working days whatever the clock is set to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from engine.domain import JsonValue

PACK = "dudley"
Answers = Mapping[str, JsonValue]
DaysAgo = Callable[[int], date]


@dataclass(frozen=True)
class Act:
    """One thing somebody records: on a London day, `hour` after its midnight.

    `kind` is open, complete (`name` is the work item's) or send (`name` is the message's).
    """

    day: date
    hour: timedelta
    kind: str
    name: str
    answers: Answers


@dataclass(frozen=True)
class Child:
    """A fictional child. `without` names the roles that nobody holds for this child."""

    number: int
    acts: tuple[Act, ...]
    social_worker: str = f"{PACK}.social_worker"
    without: tuple[str, ...] = ()


def children(today: date) -> tuple[Child, ...]:
    """Return the caseload for a clock that ends on `today`."""
    monday = today - timedelta(days=today.weekday())

    def ago(days: int) -> date:
        return monday - timedelta(days=days)

    colleague = f"{PACK}.social_worker_2"
    return (
        Child(1, (_opened(today, 1, "Mia Calloway", ago(5), age=4, hour=20),)),
        Child(2, _first_meeting_arranged(ago)),
        Child(3, _first_meeting_missed(ago)),
        Child(4, _care_plan_to_update(ago)),
        Child(5, _six_weekly_cycle(ago)),
        Child(6, _not_yet_born(ago), social_worker=colleague),
        Child(7, _already_in_care(ago)),
        Child(8, _no_reviewing_officer(ago), social_worker=colleague, without=("iro",)),
        Child(9, _significant_change(ago)),
    )


def _first_meeting_arranged(ago: DaysAgo) -> tuple[Act, ...]:
    return (
        _opened(ago(10), 2, "Jayden Marlowe", ago(11), age=9, preferred="Jay"),
        _arranged(ago(7), ago(-2)),
        _booked(ago(6), ago(-14)),
    )


def _first_meeting_missed(ago: DaysAgo) -> tuple[Act, ...]:
    return (
        _opened(ago(20), 3, "Freya Ashcombe", ago(21), age=2),
        _booked(ago(18), ago(-4)),
        _drafted(ago(11)),
    )


def _care_plan_to_update(ago: DaysAgo) -> tuple[Act, ...]:
    return (
        _opened(ago(17), 4, "Reuben Tilford", ago(18), age=6),
        _drafted(ago(13)),
        _arranged(ago(12), ago(7)),
        _booked(ago(12), ago(-7)),
        _chaired(ago(7), hour=15, following=ago(-35)),
        _dissent(ago(6)),
    )


def _six_weekly_cycle(ago: DaysAgo) -> tuple[Act, ...]:
    """Seven meetings and two reviews, each in time; the third review is booked for this week.

    The Achieving Early Permanence Panel considers the child every four weeks.
    """
    acts = [
        _opened(ago(287), 5, "Ellis Northwood", ago(288), age=7),
        _drafted(ago(283)),
        _arranged(ago(285), ago(280)),
        _booked(ago(284), ago(266)),
        _chaired(ago(280), following=ago(238)),
        _updated(ago(277)),
        _acted(ago(262)),
        *_reviewed(ago, held=266, following=175),
        *_reviewed(ago, held=175, following=-3),
    ]
    for held in range(238, 27, -42):
        acts += [
            _arranged(ago(held + 14), ago(held)),
            _chaired(ago(held), following=ago(held - 42)),
            _updated(ago(held - 4)),
            _acted(ago(held - 15)),
            _considered(ago(held - 5)),
        ]
    acts += [_at_panel(ago(day), following=ago(day - 28)) for day in range(259, 0, -28)]
    return tuple(acts)


def _not_yet_born(ago: DaysAgo) -> tuple[Act, ...]:
    answers: Answers = {
        "child_ref": "LCS-4400006",
        "child_name": "Baby Winterbourne",
        "edd": ago(-56).isoformat(),
        "cause": "pre_birth",
        "event_date": ago(7).isoformat(),
        "legal_status": "none",
        "in_proceedings": False,
        "likely_permanent_from_onset": True,
    }
    return (_act(ago(6), "open", "", answers), _arranged(ago(3), ago(-3)))


def _already_in_care(ago: DaysAgo) -> tuple[Act, ...]:
    entered = ago(700)
    answers: Answers = {
        "child_ref": "LCS-4400007",
        "child_name": "Callum Redfern",
        "dob": ago(4200).isoformat(),
        "cause": "already_in_care",
        "event_date": ago(5).isoformat(),
        "legal_status": "C2",
        "in_proceedings": False,
    }
    entry: Answers = {
        "care_entry_date": entered.isoformat(),
        "legal_status": "C2",
        "first_review_held_on": (entered + timedelta(days=21)).isoformat(),
        "last_review_held_on": ago(154).isoformat(),
        "second_review_ratified": True,
    }
    return (
        _act(ago(4), "open", "", answers),
        _act(ago(4), "complete", "record_care_entry", entry, hour=11),
    )


def _no_reviewing_officer(ago: DaysAgo) -> tuple[Act, ...]:
    return (
        _opened(ago(14), 8, "Isla Pemberton", ago(15), age=11),
        _booked(ago(12), ago(-5)),
        _drafted(ago(10)),
        _arranged(ago(10), ago(4)),
        _chaired(ago(4), following=ago(-38)),
    )


def _significant_change(ago: DaysAgo) -> tuple[Act, ...]:
    """The agreed action is late, and the panel escalates that the plan is delayed."""
    return (
        _opened(ago(32), 9, "Noah Ferrers", ago(33), age=3),
        _drafted(ago(28)),
        _arranged(ago(28), ago(24)),
        _booked(ago(27), ago(10)),
        _chaired(ago(24), following=ago(-18)),
        _updated(ago(20)),
        *_reviewed(ago, held=10, following=-80),
        _act(
            ago(5),
            "send",
            "significant_change",
            {
                "changed_on": ago(6).isoformat(),
                "what": "The aunt who was being assessed as special guardian has withdrawn.",
            },
        ),
        _at_panel(ago(4), following=ago(-24), escalated=True),
    )


# What people record


def _act(day: date, kind: str, name: str, answers: Answers, *, hour: int = 10) -> Act:
    return Act(day, timedelta(hours=hour), kind, name, answers)


def _opened(
    day: date,
    number: int,
    name: str,
    entered: date,
    *,
    age: int,
    hour: int = 10,
    preferred: str | None = None,
) -> Act:
    answers: dict[str, JsonValue] = {
        "child_ref": f"LCS-44000{number:02}",
        "child_name": name,
        "dob": (entered - timedelta(days=age * 365 + 40 + number)).isoformat(),
        "cause": "care_entry",
        "event_date": entered.isoformat(),
        "legal_status": "V2" if number % 2 else "C1",
        "in_proceedings": number % 2 == 0,
        "emergency": number == 1,
    }
    if preferred:
        answers["preferred_name"] = preferred
    return _act(day, "open", "", answers, hour=hour)


def _drafted(day: date) -> Act:
    answers: Answers = {
        "text": "Kept in LCS under Care plan, draft 1.",
        "completed_on": day.isoformat(),
    }
    return _act(day, "complete", "draft_care_plan", answers, hour=12)


def _arranged(day: date, meeting: date) -> Act:
    answers: Answers = {
        "meeting_date": meeting.isoformat(),
        "time": "10:00",
        "place": "Council House, room 4",
        "mode": "in_person",
        "invitees": [
            "team_manager",
            "social_worker",
            "permanence_advisor",
            "fostering",
            "adoption_at_heart",
        ],
        "documents_supplied": ["care_plan", "chronology"],
    }
    return _act(day, "complete", "arrange_ppm", answers, hour=11)


NOT_PURSUED = (
    "family_arrangement",
    "child_arrangements_order",
    "kinship_care",
    "long_term_fostering",
    "residential",
)


def _chaired(day: date, *, following: date, hour: int = 16) -> Act:
    ruled_out: list[JsonValue] = [
        {"option": option, "standing": "ruled_out", "reason": "Not needed: see above."}
        for option in NOT_PURSUED
    ]
    answers: Answers = {
        "held_date": day.isoformat(),
        "attendance": [
            {"role": "team_manager", "standing": "present"},
            {"role": "social_worker", "standing": "present"},
            {"role": "permanence_advisor", "standing": "present"},
            {"role": "fostering", "standing": "report"},
        ],
        "child_views": "Would like to stay near school and to see grandmother every week.",
        "views_date": (day - timedelta(days=4)).isoformat(),
        "views_by": "The child's social worker",
        "views_method": "direct_work",
        "seen_alone": "yes",
        "needs": "A settled home, the same school, speech and language support.",
        "siblings": "No brothers or sisters in care.",
        "family_time": "Mother fortnightly, grandmother weekly, supervised at first.",
        "genogram_reviewed": day.isoformat(),
        "genogram_current": True,
        "options": [
            {"option": "reunification", "standing": "pursued", "reason": "Assessment under way."},
            {"option": "special_guardianship", "standing": "parallel", "reason": "Grandmother."},
            {"option": "adoption", "standing": "ruled_out", "reason": "Family is available."},
            *ruled_out,
        ],
        "assessment_needed": False,
        "primary_plan": "reunification",
        "parallel_plan": "special_guardianship",
        "stage": "assessment",
        "decision": "Assess both plans side by side.",
        "rationale": "Either would keep the child within the family.",
        "actions": [
            {
                "text": "Begin the assessment of the grandmother",
                "owner": "Social worker",
                "due": (day + timedelta(days=21)).isoformat(),
            }
        ],
        "drift": False,
        "permanence_achieved": False,
        "next_ppm_date": following.isoformat(),
        "record_ref": f"LCS-PPM-{day:%Y%m%d}",
    }
    return _act(day, "complete", "chair_ppm", answers, hour=hour)


def _updated(day: date) -> Act:
    answers: Answers = {
        "updated_on": day.isoformat(),
        "permanence_section": "Return home, in parallel with special guardianship.",
        "pre_meeting_report_ref": f"LCS-PMR-{day:%Y%m%d}",
    }
    return _act(day, "complete", "update_care_plan", answers, hour=14)


def _acted(day: date) -> Act:
    answers: Answers = {"standing": "done", "note": "The first visit is made."}
    return _act(day, "complete", "complete_action", answers, hour=15)


def _considered(day: date) -> Act:
    answers: Answers = {
        "bring_forward": False,
        "reason": "The date booked is early enough.",
    }
    return _act(day, "complete", "consider_earlier_review", answers, hour=13)


def _dissent(day: date) -> Act:
    answers: Answers = {
        "dissent_on": day.isoformat(),
        "dissent_person": "Grandmother",
        "dissent_view": "Would like the child to come to her at once, not after an assessment.",
    }
    return _act(day, "send", "dissent_recorded", answers)


def _at_panel(day: date, *, following: date, escalated: bool = False) -> Act:
    answers: dict[str, JsonValue] = {
        "considered_on": day.isoformat(),
        "outcome": "escalate" if escalated else "on_track",
        "next_date": following.isoformat(),
    }
    if escalated:
        answers["advice"] = "No other carer is in view: early help in finding a family is needed."
        answers["escalate_to"] = "monitoring_panel"
    return _act(day, "complete", "review_child_at_aepp", answers, hour=11)


def _booked(day: date, review: date) -> Act:
    answers: Answers = {
        "review_date": review.isoformat(),
        "time": "14:00",
        "place": "Council House, room 2",
    }
    return _act(day, "complete", "book_review", answers, hour=15)


REPORT: Answers = {
    "permanence_section": "Return home, in parallel with special guardianship.",
    "report_ref": "LCS-PMR",
}


def _reviewed(ago: DaysAgo, *, held: int, following: int) -> tuple[Act, ...]:
    """The pre-meeting report three days before, then the review that ratifies the plan."""
    answers: Answers = {
        "held_date": ago(held).isoformat(),
        "participation": "PN1",
        "plan_ratified": True,
        "plan_valid": True,
        "progress": "as_planned",
        "plan_changed": False,
        "permanence_confirmed": False,
        "next_review_date": ago(following).isoformat(),
        "next_review_time": "14:00",
    }
    return (
        _act(ago(held + 3), "complete", "write_pre_meeting_report", REPORT, hour=12),
        _act(ago(held), "complete", "conduct_review", answers, hour=14),
    )

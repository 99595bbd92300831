"""The simulated children: how each came to be planned for, and what sets each apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID, uuid5

from engine.domain import JsonValue
from training.chance import Chance
from training.staff import name_of

NAMESPACE = UUID("3d5ea6b0-52a1-5c52-8f1e-6f0c9a7d2b41")
CAUSES = ("care_entry",) * 12 + (
    "already_in_care",
    "already_in_care",
    "already_in_care",
    "pre_birth",
    "pre_birth",
    "younger_sibling",
    "pre_proceedings",
    "edge_of_care",
)
ENTRY_STATUSES = ("V2", "C1", "V2", "C1", "C2", "L2")
PLANS = (
    "reunification",
    "special_guardianship",
    "adoption",
    "long_term_fostering",
    "kinship_care",
    "child_arrangements_order",
)


@dataclass(frozen=True)
class Event:
    """Something that happens to a child on a day and is reported: a message and its payload."""

    day: date
    message: str
    payload: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True)
class Story:
    """A child. `care_entry_on` is the day a child not in care comes into it, None for never.

    `settles_after`: meetings after which the Team Manager proposes that permanence is achieved;
    `neglects`: tasks that are left for weeks; `always`: what each meeting and review finds.
    """

    number: int
    case_id: UUID
    opens_on: date
    policy: str | None
    answers: Mapping[str, JsonValue]
    plan: str
    parallel: str
    settles_after: int
    care_entry_on: date | None = None
    neglects: frozenset[str] = frozenset()
    always: frozenset[str] = frozenset()
    events: tuple[Event, ...] = ()


def story(
    chance: Chance, number: int, opens_on: date, *, cause: str = "", policy: str | None = None
) -> Story:
    """Return the child with this number, whose case is opened on a day."""
    rng = chance.at("child", number)
    cause = cause or rng.choice(CAUSES)
    age = rng.randrange(20, 5200)
    happened = opens_on - timedelta(days=rng.choice((0, 1, 1, 2, 3)))
    in_care = cause in ("care_entry", "already_in_care")
    answers: dict[str, JsonValue] = {
        "child_ref": f"SIM-{number:05}",
        "child_name": name_of(number),
        "cause": cause,
        "event_date": happened.isoformat(),
        "legal_status": rng.choice(ENTRY_STATUSES) if in_care else "none",
        "in_proceedings": rng.random() < 0.4,
        "emergency": cause == "care_entry" and rng.random() < 0.15,
        "likely_permanent_from_onset": rng.random() < 0.3,
    }
    born = happened - timedelta(days=age)
    entry: date | None = None
    if cause == "pre_birth":
        entry = happened + timedelta(days=rng.randrange(20, 120))
        answers["edd"] = entry.isoformat()
    else:
        answers["dob"] = born.isoformat()
    if cause == "already_in_care":
        entry = max(born, happened - timedelta(days=rng.randrange(60, 900)))
    elif not in_care and cause != "pre_birth" and rng.random() < 0.8:
        entry = happened + timedelta(days=rng.randrange(5, 90))
    plan, parallel = rng.sample(PLANS, 2)
    return Story(
        number=number,
        case_id=uuid5(NAMESPACE, f"{chance.seed}:{number}"),
        opens_on=opens_on,
        policy=policy or ("D-2021" if rng.random() < 0.1 else None),
        answers=answers,
        plan=plan,
        parallel=parallel,
        settles_after=rng.randrange(4, 22),
        care_entry_on=entry,
    )

"""What pages and the API read of cases: as they stand, their history, where to find one."""

from engine.reads.cases import (
    CaseView,
    ChildRow,
    DeadlineRow,
    InstanceRow,
    OtherRow,
    get_case,
    list_cases,
    list_children,
    list_deadlines,
    list_others,
)
from engine.reads.openings import CaseOpening, openings_for
from engine.reads.training_people import training_people

__all__ = [
    "CaseOpening",
    "CaseView",
    "ChildRow",
    "DeadlineRow",
    "InstanceRow",
    "OtherRow",
    "get_case",
    "list_cases",
    "list_children",
    "list_deadlines",
    "list_others",
    "openings_for",
    "training_people",
]

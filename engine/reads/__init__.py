"""What pages and the API read of cases. Frozen rows, never records; bounded lists.

The package itself reads a case as it stands and lists of cases.

Front doors:
    the package: get_case, list_cases, list_own, list_deadlines, openings_for, training_people
    work_item: one work item with its form and what is known already
    appointments: what is booked, who is invited, on which days it was before
    onlookers: who looks on at a case, and at which cases somebody looks on
    history: events in order, and the picture at any of them
    search: find a case by reference, name or title
    same_cases: the open cases that are about the same as one to be opened
    linked_cases: the cases that stand beside one, and whether one may be linked to
    export: a case with its whole history as plain data

Imports: bpmn, context, domain, errors, firing, open_work, packs, people, rules, step, storage,
tracker.
"""

from engine.reads.cases import (
    CaseView,
    DeadlineRow,
    InstanceRow,
    OwnCase,
    SoleCase,
    ending,
    fitting,
    get_case,
    list_cases,
    list_deadlines,
    list_own,
    list_sole,
)
from engine.reads.openings import CaseOpening, openings_for
from engine.reads.training_people import training_people

__all__ = [
    "CaseOpening",
    "CaseView",
    "DeadlineRow",
    "InstanceRow",
    "OwnCase",
    "SoleCase",
    "ending",
    "fitting",
    "get_case",
    "list_cases",
    "list_deadlines",
    "list_own",
    "list_sole",
    "openings_for",
    "training_people",
]

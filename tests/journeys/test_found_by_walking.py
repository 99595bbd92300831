"""What random walks found and nobody had thought of, each as a journey."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.journeys.council import Council, Refused

IN_CARE = {"cause": "already_in_care", "legal_status": "C2"}
PPM = "Permanence Planning Meeting"


def asked(council: Council, of: str = "") -> list[dict[str, Any]]:
    """Return the open questions why a date was missed, of the duties whose label begins so."""
    questions = council.work("explain_breach")
    return [each for each in questions if each["title"].partition(": ")[2].startswith(of)]


def required(council: Council, name: str) -> list[dict[str, Any]]:
    """Return the open tasks of that name that are not only offered."""
    return [each for each in council.work(name) if not each["optional"]]


class TestTheDraftCarePlanOfAChildAlreadyInCare:
    """D-26, D-28."""

    def test_is_nobodys_duty(self, council):
        council.open_case(**IN_CARE)

        assert council.work("draft_care_plan") == []
        assert council.deadlines("draft_care_plan") == []

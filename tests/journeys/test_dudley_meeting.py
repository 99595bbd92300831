"""What Dudley's meeting asks, refuses and sets in motion, rule by rule, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders.world import ARRANGE, CHAIR, OPTIONS, every_option
from tests.journeys.council import Council

ALWAYS = {
    "team_manager",
    "social_worker",
    "permanence_advisor",
    "fostering",
    "adoption_at_heart",
    "foster_carer",
    "fostering_social_worker",
}
PURSUED = {"option": "reunification", "standing": "pursued", "reason": "Parents are engaging"}
MEETING = {**CHAIR, "held_date": "2026-03-09", "next_ppm_date": "2026-04-20"}


def arrange(council: Council, day: str = "2026-03-09", **answers: Any) -> None:
    council.complete("social_worker", "arrange_ppm", {**ARRANGE, "meeting_date": day, **answers})


def refused(council: Council, **answers: Any) -> list[str]:
    """Return the fields for which the chair's answers are refused."""
    given = {**MEETING, **answers}
    given = {name: value for name, value in given.items() if value is not None}
    return list(council.complete("team_manager", "chair_ppm", given, status=422)["fields"])


def opened(council: Council, name: str, role: str = "team_manager") -> dict[str, Any]:
    """Return a task's form with what it opens with."""
    item = council.work(name)[-1]
    return council.call("GET", f"/work-items/{item['id']}", role=role)["form"]


def offered(council: Council) -> dict[str, dict[str, Any]]:
    """Return who can be invited, by the answer kept."""
    schema = opened(council, "arrange_ppm", "social_worker")["schema"]
    options = schema["properties"]["invitees"]["items"]["anyOf"]
    return {each["const"]: each for each in options if "const" in each}


def told(council: Council, sequence: int = -1) -> set[str]:
    """Return the roles that were told of something with an event."""
    return {notice["role"] for notice in council.history()[sequence]["notices"]}


class TestInvitations:
    """D-09, D-10, D-31, D-65, D-66, D-67."""

    def test_each_says_why_and_whoever_is_always_invited_is_ticked(self, council):
        council.open_case()

        found = offered(council)

        form = opened(council, "arrange_ppm", "social_worker")
        assert set(form["values"]["invitees"]) == ALWAYS
        assert found["virtual_school"]["description"] == "Where appropriate"
        assert found["virtual_school"]["x-rules"] == "D-10 D-66"
        assert "not every child" in found["family_finder"]["description"]
        assert "service_manager" not in found
        assert council.work("arrange_ppm")[0]["role"] == "social_worker"

    def test_whoever_is_always_invited_is_invited_even_if_left_out(self, council):
        council.open_case()

        arrange(council, invitees=["virtual_school", "Grandmother"], highly_complex=True)

        invited = set(council.case()["facts"]["invited"])
        assert invited == ALWAYS | {"service_manager", "virtual_school", "Grandmother"}
        rows = opened(council, "chair_ppm")["values"]["attendance"]
        assert {each["role"] for each in rows} == invited

    def test_the_stage_of_the_plan_decides(self, council):
        council.open_case(policy="D-2021")
        assert "adoption_at_heart" not in offered(council)
        assert offered(council)["permanence_advisor"]["title"] == "Permanence coordinator"
        council.meeting("2026-03-09", stage="introductions")
        council.go("2026-04-06")

        values = opened(council, "arrange_ppm", "social_worker")["values"]

        finder = {"family_finder", "foster_carer", "fostering_social_worker"}
        assert finder | {"adoption_at_heart"} <= set(values["invitees"])
        assert values["meeting_date"] == "2026-04-20"

    def test_the_iro_is_told_and_free_to_attend(self, council):
        council.open_case()

        arrange(council, "2026-03-18")

        event = council.history()[-1]
        [notice] = [each for each in event["notices"] if each["role"] == "iro"]
        assert notice["person"] == "dudley.iro"
        assert [each["table"] for each in event["decisions"]][-2:] == ["invitations", "chair"]
        [asked] = council.work("attend_ppm")
        assert (asked["role"], asked["optional"]) == ("iro", True)
        council.complete("iro", "attend_ppm", {"attends": True})
        assert council.case()["facts"]["iro_attends"] is True
        council.go("2026-03-18")
        chair = {**MEETING, "held_date": "2026-03-18", "next_ppm_date": "2026-04-29"}
        council.complete("team_manager", "chair_ppm", chair)
        assert council.work("attend_ppm") == []


class TestPuttingOff:
    """D-05, D-06: the limit does not move."""

    def test_the_meeting_moves_and_the_limit_stays(self, council):
        council.open_case()
        arrange(council, "2026-03-18")

        [again] = council.work("arrange_ppm")
        assert again["optional"]
        later = {**ARRANGE, "meeting_date": "2026-03-25"}
        problem = council.complete("social_worker", "arrange_ppm", later, status=422)
        assert list(problem["fields"]) == ["late_reason"]
        council.complete("social_worker", "arrange_ppm", {**later, "late_reason": "Ill"})

        assert council.limit("ppm") == "2026-03-23"
        assert council.case()["facts"]["next_ppm_on"] == "2026-03-25"
        invited = {"team_manager", "permanence_coordinator", "adoption_at_heart"}
        assert told(council) == {"iro", "social_worker"} | invited
        assert len(council.work("chair_ppm")) == 1
        council.go("2026-03-24")
        assert council.deadlines("ppm")[0]["status"] == "breached"
        assert {"team_manager", "service_manager"} <= told(council)
        assert len(council.work("explain_breach")) == 1


class TestTheChair:
    """D-08, D-29, D-68."""

    def test_is_the_team_manager_and_nobody_else(self, council):
        council.open_case()
        arrange(council)

        [item] = council.work("chair_ppm")
        assert (item["role"], item["assignee"]) == ("team_manager", "dudley.team_manager")
        for role in ("social_worker", "iro", "service_manager"):
            council.complete(role, "chair_ppm", MEETING, status=403)


REQUIRED = {
    "actions": "D-03",
    "decision": "D-07",
    "rationale": "D-07 D-94",
    "attendance": "D-09",
    "child_views": "D-12",
    "views_date": "D-12",
    "views_by": "D-12",
    "views_method": "D-13 D-14",
    "seen_alone": "D-13",
    "genogram_reviewed": "D-19",
    "genogram_current": "D-21",
    "needs": "D-22",
    "siblings": "D-22",
    "family_time": "D-22",
    "record_ref": "D-29",
    "options": "D-01",
    "primary_plan": "D-11",
    "drift": "D-02",
    "permanence_achieved": "D-44",
}
REFUSED: tuple[tuple[str, dict[str, Any], tuple[str, ...]], ...] = (
    (
        "D-01",
        {"options": [{"option": "adoption"}]},
        ("options.0.reason", "options.0.standing"),
    ),
    ("D-03", {"actions": [{"text": "Assess aunt", "owner": "SW"}]}, ("actions.0.due",)),
    ("D-23", {"assessments": [{"type": "Health"}]}, ("assessments.0.due_date",)),
    ("D-17 D-19", {"network": [{"person": "Aunt"}]}, ("network.0.standing",)),
    ("D-61", {"support_needs": [{"signposted_to": "Clinic"}]}, ("support_needs.0.need",)),
    ("D-61", {"support_needs": [{"need": "Clinic"}]}, ("support_needs.0.signposted_to",)),
    ("D-62", {"risks": [{"risk": "weather", "mitigation": "Coat"}]}, ("risks.0.risk",)),
    ("D-62", {"risks": [{"risk": "violence"}]}, ("risks.0.mitigation",)),
    ("D-63", {"links": [{"note": "Met twice"}]}, ("links.0.family",)),
    ("D-02", {"drift": True}, ("drift_reason",)),
    ("D-04", {"assessment_needed": True}, ("assessments",)),
    ("D-11 D-92", {"parallel_plan": None}, ("parallel_plan",)),
    ("D-11", {"parallel_plan": "adoption"}, ("parallel_plan",)),
    ("D-14", {"views_method": "guessed"}, ("views_method",)),
    (
        "D-44",
        {"permanence_achieved": True},
        ("permanence_achieved_basis", "permanence_achieved_date"),
    ),
    ("D-16", {"co_produced": "Drawings"}, ("co_produced",)),
    ("D-16", {"co_produced": False}, ("co_produced_how",)),
    (
        "D-51",
        {
            "permanence_achieved": True,
            "permanence_achieved_basis": "The order was made",
            "permanence_achieved_date": "2026-03-09",
            "permanence_checklist": "yes",
        },
        ("permanence_checklist",),
    ),
    ("D-57", {"stage": "waiting"}, ("stage",)),
    ("D-64", {"introductions_on": "soon"}, ("introductions_on",)),
    ("D-93", {"family_involved_on": "early"}, ("family_involved_on",)),
)


class TestWhatTheMeetingMustSay:
    def test_what_is_missing_or_does_not_fit_is_asked_for(self, meeting):
        """One case for all: what is refused changes nothing."""
        missing = {name: refused(meeting, **{name: None}) for name in REQUIRED}
        unfit = [(rule, tuple(sorted(refused(meeting, **given)))) for rule, given, _ in REFUSED]

        assert missing == {name: [name] for name in REQUIRED}
        assert unfit == [(rule, fields) for rule, _, fields in REFUSED]

    def test_fostering_needs_special_guardianship_to_be_weighed(self, meeting):
        """D-91."""
        fostering = {
            "options": [{**PURSUED, "option": "long_term_fostering"}],
            "primary_plan": "long_term_fostering",
            "parallel_plan": "residential",
            "decision": "Fostering",
            "rationale": "A settled home",
        }

        never = {**fostering, "rationale": "Special guardianship was never looked at"}
        assert refused(meeting, **never) == ["options", "sgo_considered"]

        rows = every_option(long_term_fostering="pursued")
        said = {**MEETING, **fostering, "options": rows}
        meeting.complete("team_manager", "chair_ppm", said)


class TestEveryOption:
    """D-01, D-59, D-79."""

    def test_the_form_opens_with_a_row_for_each(self, meeting):
        form = opened(meeting, "chair_ppm")

        assert [row["option"] for row in form["values"]["options"]] == list(OPTIONS)
        column = form["schema"]["properties"]["options"]["items"]["properties"]["option"]
        assert {each.get("const") for each in column["anyOf"]} == {*OPTIONS, None}

    def test_in_proceedings_none_is_left_out(self, council):
        council.open_case(in_proceedings=True)
        arrange(council)
        rows = [{**PURSUED, "option": each} for each in OPTIONS]

        assert refused(council, options=rows[:-1]) == ["options"]
        extra = {"option": "Shared care", "standing": "ruled_out", "reason": "Too far away"}
        council.complete("team_manager", "chair_ppm", {**MEETING, "options": [*rows, extra]})

        facts = council.case()["facts"]
        assert (facts["has_permanence_plan"], facts["primary_plan"]) == (True, "adoption")


class TestAfterTheMeeting:
    def test_the_next_one_opens_with_what_was_agreed_and_what_slipped(self, council):
        """D-02, D-03, D-23 and the carrying of sections."""
        council.open_case()
        kept = {
            "network": [{"person": "Aunt", "standing": "support", "named_by_child": True}],
            "risks": [{"risk": "distance", "mitigation": "Lifts", "owner": "SW"}],
            "support_needs": [{"need": "Speech therapy", "signposted_to": "Clinic"}],
            "communication_needs": "Picture cards",
            "chronology": "LCS-C-1",
            "family_involved_on": "2026-03-02",
        }
        health = {"type": "Health", "assessor": "Nurse", "due_date": "2026-04-10"}
        aunt = {"text": "Assess aunt", "owner": "SW", "due": "2026-04-01"}
        council.meeting("2026-03-09", assessments=[health], actions=[aunt], **kept)
        agreed = council.case()["facts"]["agreed_actions"]
        assert agreed == [{**aunt, "review_point": "Next meeting"}]
        council.go("2026-04-13")
        arrange(council, "2026-04-13")

        values = opened(council, "chair_ppm")["values"]

        assert values["slippage"] == [
            {"what": "Assess aunt", "owner": "SW", "due": "2026-04-01"},
            {"what": "Health", "owner": "Nurse", "due": "2026-04-10"},
        ]
        assert {name: values[name] for name in kept} == kept
        assert values["options"] == CHAIR["options"]
        assert values["actions"] == [aunt]
        assert values["held_date"] == "2026-04-13"
        done = {"outcome": "completed", "date": "2026-04-13"}
        council.complete("social_worker", "complete_assessment", done)
        left = opened(council, "chair_ppm")["values"]["slippage"]
        assert [each["what"] for each in left] == ["Assess aunt"]

    def test_the_minutes_go_to_the_panel_and_adoption_is_told_of_once(self, council):
        """D-29, D-60, D-70."""
        council.open_case()

        council.meeting("2026-03-09")

        assert told(council) == {"adoption_at_heart", "aepp_chair"}
        facts = council.case()["facts"]
        assert facts["permanence_plan_ref"] == "LCS-1"
        assert facts["minutes_published_on"] == "2026-03-09"
        council.go("2026-04-13")
        council.meeting("2026-04-13")
        assert told(council) == {"aepp_chair"}

    def test_the_decision_feeds_the_care_plan(self, council):
        """D-34, D-55."""
        council.open_case()

        council.meeting("2026-03-09")

        values = opened(council, "update_care_plan", "social_worker")["values"]
        assert values["permanence_section"] == CHAIR["decision"]

    def test_nobody_can_feign_what_diagrams_tell(self, council):
        council.open_case()

        for name in ("minutes_published", "ceasing_approved", "ppm_booked"):
            payload = {"held_on": "2026-03-09", "record_ref": "LCS-9"}
            council.send(name, status=409, **payload)

        assert council.case()["status"] == "open"


class TestGenogram:
    """D-19, D-21."""

    def test_out_of_date_it_is_work_before_the_next_meeting(self, council):
        council.open_case()

        council.meeting("2026-03-09", genogram_current=False)

        [item] = council.work("update_genogram")
        assert (item["role"], item["limit_on"]) == ("social_worker", "2026-04-17")
        assert council.deadlines("genogram")[0]["assumption"] is True
        council.go("2026-04-13")
        council.meeting("2026-04-13", genogram_current=False)
        assert len(council.work("update_genogram")) == 1
        done = {"updated_on": "2026-04-13"}
        council.complete("social_worker", "update_genogram", done)
        assert council.deadlines("genogram") == []

    def test_found_up_to_date_it_is_no_work_any_more(self, council):
        council.open_case()
        council.meeting("2026-03-09", genogram_current=False)
        council.go("2026-04-13")

        council.meeting("2026-04-13")

        assert council.work("update_genogram") == []
        assert council.deadlines("genogram") == []


class TestTheNextMeeting:
    """D-06, D-56, D-57: six weeks at most; sooner where the stage asks for it."""

    def test_a_later_date_moves_no_limit(self, council):
        council.open_case(policy="D-2021")

        council.meeting("2026-03-09", next_ppm_date="2026-05-20")

        assert council.limit("ppm") == "2026-04-20"
        council.go("2026-04-06")
        later = {**ARRANGE, "meeting_date": "2026-05-20"}
        problem = council.complete("social_worker", "arrange_ppm", later, status=422)
        assert list(problem["fields"]) == ["late_reason"]

    def test_a_sooner_date_binds_at_introductions_until_that_meeting(self, council):
        council.open_case()

        council.meeting("2026-03-09", stage="introductions", next_ppm_date="2026-03-20")

        [row] = [each for each in council.deadlines("ppm") if each["governing"]]
        assert (row["limit_on"], row["rule_ids"]) == ("2026-03-20", ["D-57"])
        arrange(council, "2026-03-24", late_reason="Carers away")
        assert council.limit("ppm") == "2026-03-20"
        council.go("2026-03-24")
        chair = {**MEETING, "held_date": "2026-03-24", "next_ppm_date": "2026-04-10"}
        council.complete("team_manager", "chair_ppm", {**chair, "stage": "settled"})
        assert council.limit("ppm") == "2026-05-05"


class TestKept:
    """What the rules want recorded: kept as answered, asked in the policy's words."""

    def test_what_may_be_said_is_kept(self, meeting):
        said = {
            "co_produced": True,
            "co_produced_how": "Drawings",
            "fgc_offered": True,
            "family_involved_on": "2026-03-02",
            "profile_on": "2026-04-01",
            "introductions_on": "2026-05-01",
            "transition_on": "2026-06-01",
            "links": [{"family": "A and B", "note": "Meeting in May"}],
            "slippage": [{"what": "Chronology", "standing": "open"}],
            "permanence_achieved": True,
            "permanence_achieved_date": "2026-03-09",
            "permanence_achieved_basis": "Special guardianship order",
            "permanence_checklist": ["security", "belonging"],
        }

        meeting.complete("team_manager", "chair_ppm", {**MEETING, **said})

        facts = meeting.case()["facts"]
        assert (facts["fgc_offered"], facts["family_involved_on"]) == (True, "2026-03-02")
        assert facts["permanence_proposed"] is True

    def test_every_form_leads_to_the_procedures(self, meeting):
        """D-24."""
        for item in meeting.case("team_manager")["work_items"]:
            form = meeting.call("GET", f"/work-items/{item['id']}", role="team_manager")["form"]
            [link] = form["schema"]["x-links"]
            assert link["url"].endswith("/g_perm_plan.html")

    def test_the_sections_are_the_agenda(self, meeting):
        """D-69."""
        sections = opened(meeting, "chair_ppm")["sections"]

        assert [each["title"] for each in sections] == [
            "The meeting",
            "The child\u2019s views",
            "Needs, family and friends",
            "The plan",
            "Work plan",
            "Progress",
            "Next meeting and record",
        ]

    def test_section_20_is_counted_from_its_first_day(self, council):
        """D-58."""
        council.open_case(event_date="2026-03-02", legal_status="V2")

        assert council.case()["facts"]["legal_status_from"] == "2026-03-02"


@pytest.fixture
def meeting(council: Council) -> Council:
    """A case whose meeting is arranged for today and waits for its chair."""
    council.open_case()
    arrange(council)
    return council

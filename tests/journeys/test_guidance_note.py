"""The guidance note's scenarios over HTTP, on both databases."""

from __future__ import annotations

import pytest

from tests.journeys.guidance_note import every_route, fields_of

ADOPTION = {
    "options": every_route(reunification="ruled_out"),
    "primary_plan": "adoption",
    "decision": "Adoption",
}


class TestGS01:
    """A Family Group Conference: silence, then no, then yes and not held (G-11)."""

    def test_silence_is_late_and_the_team_manager_is_told(self, note):
        note.open()
        assert note.limit("fgc_offer") == "2026-02-16"

        note.go("2026-02-17")

        [row] = note.deadlines("fgc_offer")
        assert (row["status"], row["assumption"]) == ("breached", True)
        people = {"guidance_note.social_worker", "guidance_note.team_manager"}
        assert note.told("Offer of a Family Group Conference") == {
            ("2026-02-17", each) for each in people
        }
        assert len(note.work("offer_fgc")) == 1

    def test_a_family_that_declines_is_asked_again_at_each_meeting(self, note):
        note.open()
        note.go("2026-02-12")
        declined = {"offered_on": "2026-02-12", "accepted": False}
        refused = note.complete("social_worker", "offer_fgc", declined, status=422)
        assert "Enter why the family declined" in str(refused)

        note.complete("social_worker", "offer_fgc", {**declined, "reason": "No relatives"})

        assert note.facts()["fgc_declined"] == 1
        assert note.work("hold_fgc") == []
        note.go("2026-03-09")
        unasked = note.ppm("2026-03-09", fgc_answer=None, fgc_reason=None, status=422)
        assert "what the family says to a Family Group Conference" in str(unasked)
        note.ppm("2026-03-09", fgc_answer="agreed", fgc_reason=None)
        [held] = note.work("hold_fgc")
        assert held["limit_on"] == "2026-03-17"

    def test_a_conference_not_held_by_the_panel_is_late_and_needs_its_advice(self, note):
        note.open()
        note.go("2026-03-09")
        note.ppm("2026-03-09", fgc_answer="agreed", fgc_reason=None)

        note.go("2026-03-18")

        assert note.deadlines("fgc_held")[0]["status"] == "breached"
        refused = note.consider("2026-03-18", "2026-06-17", status=422)
        assert fields_of(refused) == {"advice"}
        note.consider("2026-03-18", "2026-06-17", advice="Hold it within a week")
        assert note.deadlines("fgc_held")[0]["limit_on"] == "2026-03-17"
        note.go("2026-03-25")
        named = [
            {"name": "Aunt", "assessor": "guidance_note.social_worker", "due_date": "2026-04-22"},
            {"name": "Uncle", "assessor": "Kinship team", "due_date": "2026-04-29"},
        ]
        held = {"held_on": "2026-03-25", "proposal": "The aunt", "viable_carers": named}
        note.complete("fgc_coordinator", "hold_fgc", held)
        assert {(each["title"], each["limit_on"]) for each in note.work("complete_assessment")} == {
            ("Complete the assessment: Family member or friend as carer of Aunt", "2026-04-22"),
            ("Complete the assessment: Family member or friend as carer of Uncle", "2026-04-29"),
        }
        [late] = [each for each in note.deadlines("fgc_held", all=True) if each["met_on"]]
        assert (late["status"], late["met_on"]) == ("late", "2026-03-25")


class TestGS03:
    """No referral, and a child who is deferred (G-26, G-20)."""

    def test_without_a_referral_the_child_stays_on_the_list(self, note):
        note.open()
        assert (note.limit("tracking_panel"), note.limit("referral")) == (
            "2026-03-30",
            "2026-03-11",
        )

        note.go("2026-03-12")

        told = note.told("Referral to the Permanence Panel and Tracking Meeting: not done")
        people = {"guidance_note.social_worker", "guidance_note.team_manager"}
        assert told == {("2026-03-12", each) for each in people}
        assert note.facts()["panel_sits_on"] == "2026-03-18"
        note.go("2026-03-18")
        note.consider("2026-03-18", "2026-06-17")
        assert note.deadlines("tracking_panel") == []
        assert note.work("refer_to_tracking_panel") == []

    def test_deferred_is_not_considered(self, note):
        note.open()
        note.go("2026-03-11")
        note.refer("2026-03-11")
        note.go("2026-03-18")

        note.defer("2026-03-18")

        assert note.limit("tracking_panel") == "2026-03-30"
        assert note.facts()["panel_sits_on"] == "2026-04-15"
        people = {"panel_administrator", "guidance_note.service_manager"}
        told = note.told("No planned sitting is in that time: the next one is on the list")
        assert {(day, who.removeprefix("guidance_note.")) for day, who in told} == {
            ("2026-03-18", each.removeprefix("guidance_note.")) for each in people
        }
        note.go("2026-03-30", "22:59")
        assert note.deadlines("tracking_panel")[0]["status"] == "open"
        note.go("2026-03-31")
        assert note.deadlines("tracking_panel")[0]["status"] == "breached"
        note.go("2026-04-15")
        note.consider("2026-04-15", "2026-06-17")
        [late] = [each for each in note.deadlines("tracking_panel", all=True) if each["met_on"]]
        assert (late["status"], late["limit_on"], late["met_on"]) == (
            "late",
            "2026-03-30",
            "2026-04-15",
        )


class TestGS05:
    """The second review is late (G-06, G-07)."""

    def test_both_dates_go_by_the_lawful_limit(self, note):
        note.go("2026-06-01")
        note.open(event_date="2026-06-01")
        note.go("2026-06-25")
        note.hold_review("2026-06-25", "2026-10-07")

        assert note.limit("cic_review") == "2026-09-25"
        assert note.limit("plan_established") == "2026-09-24"
        assert note.limit("plan_confirmed") == "2027-03-25"
        note.go("2026-09-25")
        panel = {"service_manager", "iro", "panel_chair", "panel_administrator"}
        told = note.told("Permanence plan established: not done")
        assert {each.removeprefix("guidance_note.") for _, each in told} >= panel
        note.go("2026-10-01")
        note.ppm("2026-10-01")
        met = [each for each in note.deadlines("plan_established", all=True) if each["met_on"]]
        late = min(met, key=lambda each: each["limit_on"])
        assert (late["status"], late["limit_on"], late["met_on"]) == (
            "late",
            "2026-09-24",
            "2026-10-01",
        )
        assert note.limit("plan_confirmed") == "2027-03-25"

    def test_a_second_review_that_is_never_held_stops_no_clock(self, note):
        note.go("2026-06-01")
        note.open(event_date="2026-06-01")
        note.go("2026-06-25")
        note.hold_review("2026-06-25", "2026-09-25")

        note.go("2027-03-26")

        assert note.deadlines("plan_confirmed")[0]["status"] == "breached"

    def test_a_child_under_a_full_care_order_has_neither_clock(self, note):
        note.open(legal_status="C2")

        assert note.deadlines("plan_established") == note.deadlines("plan_confirmed") == []
        rows = note.call("GET", "/tracker", role="team_manager")
        assert "Not applicable: status at entry" in str(rows)


class TestGS07:
    """Two clocks: the panel's and the court's (G-21)."""

    def test_a_court_date_brings_the_next_consideration_forward(self, note):
        note.open()
        note.go("2026-03-18")
        refused = note.consider("2026-03-18", "", status=422)
        assert fields_of(refused) == {"next_date"}
        note.consider("2026-03-18", "2026-06-17")
        assert note.limit("next_consideration") == "2026-06-17"
        note.go("2026-04-22")

        note.send("hearing_listed", hearing_on="2026-06-08")

        [row] = [each for each in note.deadlines("next_consideration") if each["governing"]]
        assert (row["limit_on"], row["act_by_on"]) == ("2026-06-07", "2026-06-05")
        told = {who.removeprefix("guidance_note.") for _, who in note.told("The court sits on")}
        assert told >= {"panel_administrator", "panel_chair"}
        [item] = note.work("set_next_consideration")
        form = note.call("GET", f"/work-items/{item['id']}", role="panel_administrator")["form"]
        assert form["values"]["next_date"] == "2026-05-20"
        assert note.facts()["panel_sits_on"] == "2026-05-20"
        note.go("2026-05-21")
        told = note.told("Sitting of the panel for this child: not done")
        people = ("social_worker", "team_manager", "service_manager")
        assert told == {("2026-05-21", f"guidance_note.{each}") for each in people}


class TestGS09:
    """Reunification ruled out, and another route chosen too soon (G-10, G-15)."""

    def test_the_family_route_is_answered_before_another_is_decided(self, note):
        note.go("2026-03-09")
        note.open(event_date="2026-03-09")
        note.go("2026-04-20")

        refused = note.ppm("2026-04-20", **ADOPTION, status=422)

        assert {"family_people", "family_safe", "family_why_not"} <= fields_of(refused)
        answered = {
            "family_people": "Aunt, uncle",
            "family_safe": False,
            "family_why_not": "Neither is safe",
        }
        unasked = {"fgc_answer": "not_asked", "fgc_reason": "No time"}
        refused = note.ppm("2026-04-20", **ADOPTION, **answered, **unasked, status=422)
        assert fields_of(refused) == {"fgc_answer"}
        note.ppm("2026-04-20", **ADOPTION, **answered)
        assert note.facts()["primary_plan"] == "adoption"

    def test_the_meeting_can_be_recorded_with_no_decision(self, note):
        note.go("2026-03-09")
        note.open(event_date="2026-03-09")
        note.go("2026-04-20")
        no = {"primary_plan": None, "no_decision_reason": "The family route is not answered"}

        note.ppm(
            "2026-04-20",
            **{**ADOPTION, **no, "decision": None, "rationale": None},
            next_ppm_date="2026-05-11",
        )

        assert note.facts().get("primary_plan") is None
        assert note.limit("ppm") == "2026-05-11"

    def test_special_guardianship_must_be_looked_at_when_belief_rules_adoption_out(self, note):
        note.open()
        note.go("2026-03-09")
        belief = {
            "options": every_route(adoption="ruled_out"),
            "adoption_ruled_out_because": "beliefs",
        }

        refused = note.ppm("2026-03-09", **belief, sgo_considered=False, status=422)

        assert fields_of(refused) == {"sgo_considered"}
        refused = note.ppm("2026-03-09", **belief, sgo_reason=None, status=422)
        assert fields_of(refused) == {"sgo_reason"}
        note.ppm("2026-03-09", **belief)
        assert note.facts()["special_guardianship_considered_on"] == "2026-03-09"


class TestS27:
    """The court's 26 weeks begin with the day of issue (G-05)."""

    def test_twenty_six_weeks_and_an_extension(self, note):
        note.open(event_date="2026-01-05")
        note.send("proceedings_issued", issued_on="2026-01-08")

        assert note.limit("care_proceedings") == "2026-07-08"
        note.send("court_extension", ordered_on="2026-02-02", weeks=8)
        assert note.limit("care_proceedings") == "2026-09-02"
        refused = note.send("court_extension", ordered_on="2026-02-02", weeks=9, status=422)
        assert "from 1 to 8" in str(refused)


class TestS29:
    """Established before the second review, confirmed within 6 months (G-06, G-07)."""

    @pytest.mark.parametrize("established", [False, True])
    def test_dates_go_by_the_second_review_whenever_it_is_established(self, note, established):
        note.go("2026-06-01")
        note.open(event_date="2026-06-01", legal_status="C1")
        note.go("2026-06-25")
        note.hold_review("2026-06-25", "2026-09-25")

        assert note.limit("plan_established") == "2026-09-24"
        assert note.limit("plan_confirmed") == "2027-03-25"
        if established:
            note.go("2026-08-03")
            note.ppm("2026-08-03")
            assert note.deadlines("plan_established") == []
        note.go("2026-09-25")
        note.hold_review("2026-09-25", "2027-03-24")
        assert note.limit("plan_confirmed") == "2027-03-25"

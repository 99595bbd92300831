"""The guidance note rule by rule: what happens when people do nothing, say no, or are late."""

from __future__ import annotations

import pytest

from tests.builders.visitor import Visitor
from tests.journeys.guidance_note import every_route, fields_of

FOSTERING = {
    "primary_plan": "long_term_fostering",
    "older_with_links": True,
    "carers_wish_involvement": False,
    "options": every_route(reunification="parallel"),
}
ORDER = {
    "primary_plan": "child_arrangements_order",
    "cao_holders": "Aunt",
    "cao_lives_with": True,
    "cao_contact": "both",
}
SECURED = {
    "placement_secured": True,
    "secured_basis": "The order was made",
    "secured_security": "One home since birth",
    "secured_beyond": "For life",
    "basis": None,
}


def in_tracker(note, role="team_manager"):
    """Return the row of the only child in the tracker, as text."""
    return str(note.call("GET", "/tracker", role=role))


class TestG01AndG02:
    def test_a_child_on_the_edge_of_care_has_a_conference_and_no_panel(self, note):
        case = note.open(cause="edge_of_care", legal_status="none")

        assert note.limit("fgc_offer") == "2026-02-16"
        names = {each["name"] for each in case["deadlines"]}
        assert names == {"fgc_offer"}
        note.go("2026-02-20")
        note.send("care_entry", entry_date="2026-02-20", legal_status="V2")
        assert note.limit("tracking_panel") == "2026-04-17"
        assert note.limit("fgc_offer") == "2026-02-16"

    @pytest.mark.parametrize(("plan", "words"), [(None, True), ("reunification", False)])
    def test_the_plan_is_asked_at_the_start_and_its_lack_is_shown(self, note, plan, words):
        note.open(primary_plan=plan)

        assert ("No plan" in in_tracker(note)) is words

    @pytest.mark.parametrize("accepted", [False, True])
    def test_a_child_on_the_edge_of_care_is_not_left_alone_after_the_conference(
        self, note, accepted
    ):
        note.open(cause="edge_of_care", legal_status="none")
        note.go("2026-02-12")
        no = {} if accepted else {"reason": "No relatives"}
        offered = {"offered_on": "2026-02-12", "accepted": accepted, **no}
        note.complete("social_worker", "offer_fgc", offered)
        if accepted:
            held = {"held_on": "2026-02-12", "proposal": "The aunt helps"}
            note.complete("fgc_coordinator", "hold_fgc", held)

        assert note.limit("ppm") == "2026-05-12"
        note.go("2026-05-13")

        people = {"social_worker", "team_manager", "service_manager"}
        assert note.people_told("Permanence Planning Meeting: not done") == people
        answered = {"fgc_answer": None, "fgc_reason": None} if accepted else {}
        note.ppm("2026-05-13", **answered)
        assert note.limit("ppm") == "2026-08-13"


class TestG03:
    def test_contacts_that_nobody_named_are_asked_for_and_told_of_the_policy(self, note):
        note.open(health_contact=None)
        [asked] = note.work("name_contacts")
        assert (asked["limit_on"], asked["role"]) == ("2026-02-09", "social_worker")

        note.go("2026-02-10")

        people = {"social_worker", "team_manager"}
        assert note.people_told("Contacts in health and education: not done") == people
        named = {"health_contact": "Dr Example", "education_contact": "Ms Example"}
        note.complete("social_worker", "name_contacts", named)
        assert note.people_told("Write to Dr Example (health)") == {"social_worker"}

    def test_they_are_written_to_of_each_meeting(self, note):
        note.open()
        assert note.people_told("Write to Dr Example (health)") == {"social_worker"}

        booked = {"meeting_date": "2026-03-09", "invitees": ["team_manager"]}
        note.complete("social_worker", "arrange_ppm", booked)

        [told] = {
            each["text"]
            for event in note.history()
            for each in event["notices"]
            if each["text"].startswith("Write to Health colleague")
        }
        assert "Education colleague" in told


class TestG04:
    def test_after_three_months_the_team_manager_says_why_and_after_six_the_panel_is_told(
        self, note
    ):
        note.open()
        note.send("plo_entry", entry_date="2026-02-02")
        assert note.limit("preproceedings") == "2026-08-02"
        assert note.work("explain_preproceedings") == []

        note.go("2026-05-05")

        [asked] = note.work("explain_preproceedings")
        assert (asked["role"], asked["limit_on"]) == ("team_manager", "2026-05-11")
        note.go("2026-05-12")
        silent = "Reason why pre-proceedings take longer than usual: not done"
        assert note.people_told(silent) == {"team_manager", "service_manager"}
        note.go("2026-08-03")
        told = note.people_told("Pre-proceedings to conclude: not done")
        assert told >= {"team_manager", "service_manager", "panel_chair"}
        note.complete(
            "team_manager", "conclude_preproceedings", {"ended_on": "2026-08-03", "how": "ended"}
        )
        [late] = [each for each in note.deadlines("preproceedings", all=True) if each["met_on"]]
        assert (late["status"], late["met_on"]) == ("late", "2026-08-03")
        assert note.deadlines("care_proceedings") == []

    def test_proceedings_issued_end_them_and_start_the_courts_clock(self, note):
        note.open()
        note.send("plo_entry", entry_date="2026-02-02")

        note.send("proceedings_issued", issued_on="2026-02-02")

        assert note.work("conclude_preproceedings") == note.deadlines("preproceedings") == []
        assert note.limit("care_proceedings") == "2026-08-02"


class TestG05:
    def test_an_extension_recorded_late_erases_no_breach(self, note):
        note.open()
        note.send("proceedings_issued", issued_on="2026-02-02")

        note.go("2026-08-03")

        late = "Care Proceedings to conclude: not done"
        assert note.people_told(late) >= {"service_manager", "panel_chair", "legal"}
        note.send("court_extension", ordered_on="2026-07-30", weeks=4)
        assert note.limit("care_proceedings") == "2026-08-30"
        assert note.people_told(late) >= {"panel_chair"}
        missed = note.deadlines("care_proceedings", all=True)
        assert {each["limit_on"] for each in missed} == {"2026-08-02", "2026-08-30"}
        note.complete(
            "legal", "record_final_order", {"made_on": "2026-08-03", "order": "care_order"}
        )
        assert note.deadlines("care_proceedings") == []

    def test_none_can_be_extended_before_issue(self, note):
        note.open()

        refused = note.send("court_extension", ordered_on="2026-02-02", weeks=4, status=422)

        assert "Report first that care proceedings were issued" in str(refused)


class TestG06AndG07:
    def order(self, note, code):
        payload = {"status": code, "from": "2026-02-16"}
        body = {"name": "legal_status_changed", "payload": payload}
        note.call("POST", f"/cases/{note.ref}/messages", json=body)

    def test_a_later_order_begins_the_clock_and_another_does_not_end_it(self, note):
        note.open(legal_status="L2")
        assert note.deadlines("plan_established") == []

        note.go("2026-02-16")
        self.order(note, "C1")

        begun = note.limit("plan_established")
        self.order(note, "C2")
        assert note.limit("plan_established") == begun

    def test_a_plan_that_is_not_confirmed_is_revised_and_looked_at_again(self, note):
        note.open()
        note.go("2026-02-26")
        note.hold_review("2026-02-26", "2026-05-25")
        note.ppm("2026-02-26")
        note.go("2026-05-25")
        note.hold_review("2026-05-25", "2026-11-24")
        limit = note.limit("plan_confirmed")
        assert limit == "2026-11-25"

        no = {"plan_confirmed": False, "answered_on": "2026-05-25", "reason": "No parallel plan"}
        note.complete("iro", "confirm_plan", no)

        told = note.people_told("The IRO does not confirm the permanence plan")
        assert told >= {"social_worker", "team_manager", "panel_chair"}
        [revise] = note.work("revise_care_plan")
        assert revise["limit_on"] == "2026-06-01"
        assert note.limit("plan_confirmed") == limit
        revised = {"updated_on": "2026-05-25", "permanence_section": "With a parallel plan"}
        note.complete("social_worker", "revise_care_plan", revised)
        yes = {"plan_confirmed": True, "answered_on": "2026-05-25"}
        note.complete("iro", "confirm_plan", yes)
        assert note.deadlines("plan_confirmed") == []

    def test_it_waits_for_a_plan(self, note):
        note.open()
        note.go("2026-06-03")
        assert note.work("confirm_plan") == []

        note.ppm("2026-06-03")

        assert [each["role"] for each in note.work("confirm_plan")] == ["iro"]


class TestG08ToG10:
    @pytest.mark.parametrize("field", ["efforts", "risk_of_harm"])
    def test_each_meeting_says_what_was_done_and_at_what_risk(self, note, field):
        note.open()
        note.go("2026-03-09")

        assert fields_of(note.ppm("2026-03-09", status=422, **{field: None})) == {field}

    def test_family_or_friends_are_decided_only_if_it_is_safe(self, note):
        note.open()
        note.go("2026-03-09")
        family = {"primary_plan": "family_friends", "family_people": "Aunt", "family_safe": False}

        assert fields_of(note.ppm("2026-03-09", status=422, **family)) == {"family_safe"}

    def test_the_options_stand_in_the_notes_order_and_none_is_left_out(self, note):
        note.open()
        note.go("2026-03-09")

        refused = note.ppm("2026-03-09", status=422, options=every_route()[1:])

        assert fields_of(refused) == {"options"}


class TestG12:
    def test_before_the_order_ceases_the_social_worker_says_whether_the_plan_holds(self, note):
        note.open()
        note.go("2026-03-09")
        unsaid = note.ppm("2026-03-09", status=422, primary_plan="child_arrangements_order")
        assert fields_of(unsaid) == {"cao_holders", "cao_lives_with", "cao_contact"}
        note.ppm("2026-03-09", **ORDER, cao_until="2026-09-01")
        assert note.work("check_cao_plan") == []

        note.go("2026-06-02")

        [asked] = note.work("check_cao_plan")
        assert asked["limit_on"] == "2026-08-31"
        no = {"holds": False, "how": "The aunt is ill"}
        note.complete("social_worker", "check_cao_plan", no)
        assert note.limit("ppm") == "2026-06-16"
        assert note.work("check_cao_plan") == []


class TestG13AndG14:
    def test_a_connected_person_who_is_not_approved_becomes_work_and_secures_nothing(self, note):
        note.open()
        note.go("2026-03-09")
        kin = {**FOSTERING, "carer_type": "connected_person", "carer_approved": False}
        assert fields_of(note.ppm("2026-03-09", status=422, **kin)) == {"carer_approval_by"}

        note.ppm("2026-03-09", **kin, carer_approval_by="2026-05-01")

        [work] = note.work("complete_action")
        assert (work["title"], work["limit_on"]) == (
            "Have the connected person approved as a foster carer",
            "2026-05-01",
        )
        note.go("2026-03-18")
        refused = note.consider("2026-03-18", "", **SECURED, secured_on="2026-03-18", status=422)
        assert fields_of(refused) == {"placement_secured"}

    @pytest.mark.parametrize("field", ["older_with_links", "carers_wish_involvement"])
    def test_both_are_asked_when_fostering_is_chosen(self, note, field):
        note.open()
        note.go("2026-03-09")
        chosen = {**FOSTERING, "carer_type": "in_house", field: None}

        assert fields_of(note.ppm("2026-03-09", status=422, **chosen)) == {field}


class TestG16:
    def test_the_adoption_order_and_not_the_placement_ends_planning(self, note):
        note.open()
        note.send("placement_order_made", order_date="2026-02-02")
        note.send("placed_for_adoption", placed_date="2026-02-02")
        assert note.case()["status"] == "open"

        note.send("final_order", made_on="2026-02-02", order="adoption_order")

        case = note.case("auditor")
        assert (case["status"], case["work_items"], case["deadlines"]) == ("closed", [], [])
        assert case["facts"]["case_closed_reason"] == "adopted"

    def test_another_order_does_not(self, note):
        note.open()

        note.send("final_order", made_on="2026-02-02", order="care_order")

        assert note.case()["status"] == "open"


class TestG17:
    def test_the_tracker_shows_the_step(self, note):
        note.open()
        assert "1 Family Group Conference" in in_tracker(note)
        note.go("2026-03-09")
        note.ppm("2026-03-09")
        assert "2 Permanence Planning Meetings" in in_tracker(note)
        note.go("2026-03-18")
        note.consider("2026-03-18", "2026-06-17")
        assert "3 Permanence Panel and Tracking" in in_tracker(note)


class TestG19:
    @pytest.mark.parametrize(
        "area",
        ["background", "legal_context", "health", "education", "child_views", "views_of_others"],
    )
    def test_an_empty_area_needs_who_brings_it_and_becomes_their_work(self, note, area):
        note.open()
        note.go("2026-03-09")
        assert fields_of(note.ppm("2026-03-09", status=422, **{area: None})) == {area}

        who = {"area": area, "who": "guidance_note.social_worker", "by": "2026-03-16"}
        note.ppm("2026-03-09", **{area: None}, outstanding=[who])

        [work] = note.work("complete_action")
        assert work["title"].startswith("Bring for the record: ")
        assert (work["assignee"], work["limit_on"]) == (who["who"], "2026-03-16")

    def test_an_assessment_in_progress_has_its_probable_outcome_and_date(self, note):
        note.open()
        note.go("2026-03-09")
        assert fields_of(note.ppm("2026-03-09", status=422, no_assessment=None)) == {
            "assessment_progress"
        }

        unclear = [{"assessment": "Parenting", "expected_on": "2026-05-01"}]
        refused = note.ppm("2026-03-09", status=422, assessment_progress=unclear)

        assert "probable_outcome" in str(refused)


class TestG20AndG27:
    def test_with_no_sitting_in_the_window_the_administrator_is_told_at_opening(self, note):
        note.go("2026-02-11")
        # From 25 March to 8 April nobody sits; 18 March is the last one before.
        note.open(event_date="2026-02-11")

        assert note.facts()["panel_sits_on"] == "2026-03-18"
        told = note.told("No planned sitting is in that time: the last one before it")
        assert {day for day, _ in told} == {"2026-02-11"}
        extra = {"next_date": "2026-04-01", "basis": "care_plan"}
        note.complete("panel_administrator", "set_another_sitting", extra)
        assert note.facts()["panel_sits_on"] == "2026-04-01"
        booked = "The Permanence Panel and Tracking Meeting that was to sit for this child"
        assert note.people_told(booked) >= {"social_worker", "team_manager"}

    def test_nobody_does_anything(self, note):
        note.open()

        note.go("2026-03-31")

        told = note.people_told("Permanence Panel and Tracking: first consideration: not done")
        people = {"social_worker", "team_manager", "service_manager"}
        assert told == people | {"panel_administrator", "panel_chair"}
        assert any(each["title"].endswith("consideration") for each in note.work("explain_breach"))
        assert len(note.work("record_tracking_panel")) == 1


class TestG21AndG31:
    def test_the_next_consideration_is_watched(self, note):
        note.open()
        note.go("2026-03-18")
        note.consider("2026-03-18", "2026-06-17")

        note.go("2026-06-18")

        told = note.people_told("Permanence Panel and Tracking: next consideration: not done")
        assert told >= {"service_manager", "panel_administrator", "panel_chair"}

    @pytest.mark.parametrize("recorded", ["2026-03-18", "2026-03-25"])
    def test_the_panel_on_the_eve_of_the_court_sets_a_day_after_it(self, note, recorded):
        note.open()
        note.go("2026-03-02")
        note.send("hearing_listed", hearing_on="2026-03-19")
        note.go(recorded)

        note.consider("2026-03-18", "2026-06-17")

        assert note.limit("next_consideration") == "2026-06-17"

    def test_a_court_date_that_is_moved_is_asked_about_again(self, note):
        note.open()
        note.go("2026-03-18")
        note.consider("2026-03-18", "2026-06-17")
        note.send("hearing_listed", hearing_on="2026-06-08")
        early = {"next_date": "2026-05-13", "basis": "court"}
        note.complete("panel_administrator", "set_next_consideration", early)
        assert note.work("set_next_consideration") == []

        note.send("hearing_listed", hearing_on="2026-05-11")

        assert note.limit("next_consideration") == "2026-05-10"
        assert len(note.work("set_next_consideration")) == 1
        assert note.facts()["panel_sits_on"] == "2026-04-15"

    @pytest.mark.parametrize(
        "field", ["secured_on", "secured_basis", "secured_security", "secured_beyond"]
    )
    def test_secured_needs_its_day_basis_security_and_what_lies_beyond(self, note, field):
        note.open()
        note.go("2026-03-18")
        said = {**SECURED, "secured_on": "2026-03-18", field: None}

        assert fields_of(note.consider("2026-03-18", "", **said, status=422)) == {field}

    def test_secured_ends_the_considerations_and_a_breakdown_begins_them_again(self, note):
        note.open()
        note.go("2026-03-18")
        note.consider("2026-03-18", "", **SECURED, secured_on="2026-03-18")
        assert note.deadlines("next_consideration") == note.work("record_tracking_panel") == []
        note.go("2026-06-01")

        note.send("placement_changed", placement_type="Other carers", **{"from": "2026-06-01"})

        assert note.limit("next_consideration") == "2026-06-17"
        assert len(note.work("record_tracking_panel")) == 1
        told = note.people_told("The placement changed, or broke down")
        assert told >= {"iro", "panel_administrator", "panel_chair"}


class TestG22AndG23:
    def test_actions_become_work_and_the_panel_hears_if_they_are_late(self, note):
        note.open()
        note.go("2026-03-18")
        action = {"text": "Ask the aunt", "owner": "social_worker", "due": "2026-04-01"}
        unsaid = note.consider("2026-03-18", "2026-06-17", outcome="support", status=422)
        assert fields_of(unsaid) == {"advice"}

        note.consider("2026-03-18", "2026-06-17", outcome="support", actions=[action])
        note.go("2026-04-02")

        assert note.people_told("Agreed action: not done") >= {"social_worker", "panel_chair"}
        refused = note.complete(
            "social_worker", "complete_action", {"standing": "dropped"}, status=422
        )
        assert fields_of(refused) == {"reason"}
        differs = {"standing": "dropped", "reason": "The aunt moved abroad"}
        note.complete("social_worker", "complete_action", differs)
        assert note.work("complete_action") == []

    def test_advice_to_amend_brings_a_review_meeting_in_ten_working_days(self, note):
        note.open()
        note.go("2026-03-09")
        note.ppm("2026-03-09")
        note.go("2026-03-18")
        note.consider("2026-03-18", "2026-06-17", amend=True, amend_advice="Add a parallel plan")
        assert note.limit("ppm") == "2026-04-01"

        note.go("2026-04-02")

        people = {"social_worker", "team_manager", "service_manager"}
        assert note.people_told("Permanence Planning Meeting: not done") == people
        assert fields_of(note.ppm("2026-04-02", status=422)) == {"amendment"}
        no = {"amendment": "refused", "amendment_reason": "The plan stands"}
        note.ppm("2026-04-02", **no)
        told = note.people_told("The meeting does not amend the plan as the panel advised")
        assert told >= {"panel_chair", "panel_administrator"}


class TestG24:
    def challenged(self, note):
        note.open()
        note.go("2026-03-18")
        what = {"outcome": "escalate", "challenge_what": "No assessment of the aunt"}
        note.consider("2026-03-18", "2026-06-17", **what)

    def test_silence_goes_up_to_the_service_director_and_each_is_told(self, note):
        self.challenged(note)
        [asked] = note.work("answer_challenge")
        assert (asked["role"], asked["limit_on"]) == ("team_manager", "2026-04-01")

        note.go("2026-04-02")
        higher = {each["role"]: each["limit_on"] for each in note.work("answer_challenge")}
        assert higher == {"team_manager": "2026-04-01", "service_manager": "2026-04-13"}
        note.go("2026-04-14")

        roles = {each["role"]: each["limit_on"] for each in note.work("answer_challenge")}
        assert roles["service_director"] == "2026-04-21"
        told = note.people_told("The panel challenges delay; an answer is asked of you")
        assert told == {"team_manager", "service_manager", "service_director"}
        note.go("2026-04-22")
        assert len(note.work("answer_challenge")) == 3

    def test_a_poor_answer_goes_up_and_a_good_one_closes_all(self, note):
        self.challenged(note)
        answer = {"answered_on": "2026-03-18", "answer": "Soon"}
        note.complete("team_manager", "answer_challenge", answer)
        poor = {"satisfied": False, "reason": "No date"}
        note.complete("panel_chair", "judge_answer", poor)
        [asked] = note.work("answer_challenge")
        assert (asked["role"], asked["limit_on"]) == ("service_manager", "2026-03-25")

        note.complete("service_manager", "answer_challenge", {**answer, "answer": "By 1 April"})
        note.complete("panel_chair", "judge_answer", {"satisfied": True})

        assert note.work("answer_challenge") == note.work("judge_answer") == []

    def test_an_answer_after_it_went_up_closes_it_there_too(self, note):
        self.challenged(note)
        note.go("2026-04-02")

        answer = {"answered_on": "2026-04-02", "answer": "Begun, done by 20 April"}
        [mine] = [w for w in note.work("answer_challenge") if w["role"] == "team_manager"]
        path = f"/work-items/{mine['id']}/completion"
        note.call("POST", path, role="team_manager", json={"answers": answer})
        note.complete("panel_chair", "judge_answer", {"satisfied": True})

        assert note.work("answer_challenge") == []


class TestG25:
    def test_a_child_in_care_when_the_procedure_began_goes_to_the_next_sitting(self, note):
        note.open(
            cause="already_in_care",
            came_into_care_on="2017-06-01",
            last_review_held_on="2026-01-05",
            legal_status="C2",
            dob="2012-01-01",
        )

        assert note.limit("tracking_panel") == "2026-02-18"
        note.go("2026-02-18")
        note.consider("2026-02-18", "2026-05-20")
        assert note.deadlines("tracking_panel") == []


class TestG28:
    def test_a_case_page_says_that_the_note_was_to_be_reviewed(self, note):
        note.open()

        page = Visitor(note.app, "guidance_note.social_worker").open(f"/cases/{note.ref}")

        assert "was to be reviewed by 5 September 2018" in page.text


class TestG30:
    def test_the_initial_meeting_comes_before_the_panel_and_stays_due(self, note):
        note.open()
        assert note.limit("ppm") == "2026-03-17"

        note.go("2026-03-18")
        note.consider("2026-03-18", "2026-06-17")

        [row] = note.deadlines("ppm")
        assert (row["status"], row["limit_on"]) == ("breached", "2026-03-17")
        note.ppm("2026-03-18")
        assert note.limit("ppm") == "2026-06-16"

    def test_each_sets_the_next_and_not_after_the_panel(self, note):
        note.open()
        note.go("2026-03-18")
        note.consider("2026-03-18", "2026-06-17")

        refused = note.ppm("2026-03-18", next_ppm_date="2026-06-17", status=422)

        assert fields_of(refused) == {"next_ppm_date"}
        note.ppm("2026-03-18", next_ppm_date="2026-05-06")
        assert note.limit("ppm") == "2026-05-06"
        note.go("2026-05-07")
        people = {"social_worker", "team_manager", "service_manager"}
        assert {
            who
            for day, who in note.told("Permanence Planning Meeting: not done")
            if day == "2026-05-07"
        } == {f"guidance_note.{each}" for each in people}

    def test_the_meeting_that_was_agreed_is_the_one_before_the_panel(self, note):
        note.open()
        note.go("2026-03-18")
        note.consider("2026-03-18", "2026-06-17")
        note.ppm("2026-03-18", next_ppm_date="2026-06-10")
        note.go("2026-06-10")

        note.ppm("2026-06-10")

        assert note.deadlines("ppm") == []
        note.go("2026-06-17")
        note.consider("2026-06-17", "2026-09-16")
        assert note.limit("ppm") == "2026-09-15"

"""Y12, Y10: what a meeting or a panel agrees is somebody's work, over HTTP on both databases."""

from __future__ import annotations

from engine.integrity import verification
from engine.storage import database, loading
from tests.journeys.test_tracker import row

SCHOOL = {"text": "Ask the school for a report", "owner": "dudley.iro", "due": "2026-03-30"}
CARER = {"text": "Keep a diary", "owner": "Foster carer", "due": "2026-04-02"}
AUNT = {"text": "Assess aunt", "owner": "Team Manager", "due": "2026-04-10"}

CARRIED = {"standing": "carried", "new_date": "2026-04-20", "reason": "The school is closed"}
SUPPORT = {
    "considered_on": "2026-04-01",
    "outcome": "support",
    "advice": "Therapy for the child",
    "next_date": "2026-05-01",
}


def agreed(council, *actions, day="2026-03-09", **chair):
    council.meeting(day, actions=list(actions), **chair)


def opened(council, name):
    [item] = council.work(name)
    found = council.call("GET", f"/work-items/{item['id']}", role="team_manager")
    return found["form"]["values"]


def arrange(council, day):
    answers = {"mode": "in_person", "invitees": ["team_manager"], "meeting_date": day}
    council.complete("social_worker", "arrange_ppm", answers)


def told(council, of):
    return {
        (notice["person"], event["at"][:10])
        for event in council.history()
        for notice in event["notices"]
        if notice["text"].startswith(of)
    }


class TestEachAction:
    """D-03, D-23."""

    def test_is_work_of_its_own_due_on_its_own_date(self, council):
        council.open_case()

        agreed(council, SCHOOL, AUNT)

        work = {each["title"]: each for each in council.work("complete_action")}
        assert {title: (each["limit_on"], each["assignee"]) for title, each in work.items()} == {
            "Ask the school for a report": ("2026-03-30", "dudley.iro"),
            "Assess aunt": ("2026-04-10", "dudley.team_manager"),
        }

    def test_of_somebody_outside_is_watched_by_the_social_worker(self, council):
        council.open_case()

        agreed(council, CARER)

        [work] = council.work("complete_action")
        assert work["assignee"] == "dudley.social_worker"
        assert work["title"] == "Keep a diary (to be done by Foster carer)"

    def test_is_completed_by_whoever_was_named_and_nobody_else(self, council):
        council.open_case()
        agreed(council, SCHOOL)

        done = {"standing": "done", "note": "Report of 10 March"}
        council.complete("social_worker", "complete_action", done, status=403)
        council.complete("iro", "complete_action", done)

        assert council.work("complete_action") == []
        [kept] = council.deadlines("action", all=True)
        assert (kept["status"], kept["met_on"]) == ("met", "2026-03-09")
        with database.reading(council.engine) as connection:
            case_id = loading.find_case(connection, council.ref)
            assert not [name for name in loading.current_facts(connection, case_id) if "@" in name]
            assert verification.verify_case(connection, case_id) is None

    def test_lets_somebody_of_no_part_in_the_case_see_it_while_it_is_theirs(self, council):
        council.open_case()
        path = f"/cases/{council.ref}"
        council.call("GET", path, role="adm", status=404)

        agreed(council, {**SCHOOL, "owner": "dudley.adm"})

        council.call("GET", path, role="adm")
        council.complete("adm", "complete_action", {"standing": "done"})
        council.call("GET", path, role="adm", status=404)

    def test_is_told_of_at_its_review_point(self, council):
        council.open_case()
        agreed(council, {**SCHOOL, "review_on": "2026-03-20"}, {**CARER, "review_point": "May"})

        council.go("2026-03-21")

        of = "The progress of an agreed action is to be reviewed today"
        people = {"dudley.iro", "dudley.social_worker", "dudley.team_manager"}
        assert told(council, of) == {(person, "2026-03-20") for person in people}

    def test_may_have_its_review_point_as_a_day_in_words(self, council):
        council.open_case()
        agreed(council, {**CARER, "review_point": "2026-03-20"})

        council.go("2026-03-21")

        assert len(told(council, "The progress of an agreed action")) == 2

    def test_past_its_date_is_told_once_and_nobody_is_asked_why(self, council):
        council.open_case()
        agreed(council, SCHOOL)

        council.go("2026-04-06")

        assert council.told_late(of="Agreed action") == ["2026-03-30"]
        assert [each for each in council.work("explain_breach") if "action" in each["title"]] == []


class TestCarriedOn:
    """D-23: a new date, a count and a reason each time."""

    def test_by_whoever_does_it(self, council):
        council.open_case()
        agreed(council, SCHOOL)

        refused = council.complete("iro", "complete_action", {"standing": "carried"}, status=422)
        council.complete("iro", "complete_action", CARRIED)

        assert {"new_date", "reason"} <= {each["field"] for each in refused["errors"]}
        [work] = council.work("complete_action")
        assert (work["limit_on"], work["assignee"]) == ("2026-04-20", "dudley.iro")
        council.go("2026-04-14")
        arrange(council, "2026-04-20")
        [kept] = opened(council, "chair_ppm")["actions"]
        assert (kept["carried"], kept["reason"]) == (1, "The school is closed")
        assert kept["due"] == "2026-04-20"

    def test_by_the_next_meeting_without_becoming_a_second_task(self, council):
        council.open_case()
        agreed(council, SCHOOL)
        council.go("2026-04-13")

        later = {**SCHOOL, "due": "2026-05-04", "reason": "Easter"}
        agreed(council, later, day="2026-04-13")

        [work] = council.work("complete_action")
        assert work["limit_on"] == "2026-05-04"
        council.go("2026-05-18")
        arrange(council, "2026-05-18")
        [kept] = opened(council, "chair_ppm")["actions"]
        assert (kept["carried"], kept["reason"]) == (1, "Easter")

    def test_to_somebody_else(self, council):
        council.open_case()
        agreed(council, SCHOOL)
        council.go("2026-04-13")

        agreed(council, {**SCHOOL, "owner": "dudley.service_manager"}, day="2026-04-13")

        [work] = council.work("complete_action")
        assert work["assignee"] == "dudley.service_manager"

    def test_left_in_the_list_past_its_date_it_counts_as_carried(self, council):
        council.open_case()
        agreed(council, SCHOOL)
        for day in ("2026-04-13", "2026-05-18"):
            council.go(day)
            agreed(council, SCHOOL, day=day)
        council.go("2026-06-22")
        arrange(council, "2026-06-22")

        [kept] = opened(council, "chair_ppm")["actions"]

        assert kept["carried"] == 2


class TestWhoeverHasIt:
    """D-03: a named person."""

    def test_keeps_it_when_the_child_goes_to_other_people(self, council):
        council.open_case()
        agreed(council, SCHOOL, CARER)

        council.send("transfer", social_worker="dudley.social_worker_2", **{"from": "2026-03-09"})

        found = council.case("team_manager")["work_items"]
        work = {each["title"]: each["assignee"] for each in found}
        assert work["Ask the school for a report"] == "dudley.iro"
        assert work["Keep a diary (to be done by Foster carer)"] == "dudley.social_worker_2"

    def test_changes_when_who_does_it_is_corrected(self, council):
        council.open_case()
        agreed(council, SCHOOL)
        [action] = [each for each in council.case()["instances"] if each["process"] == "action"]

        body = {
            "fact": "action_owner",
            "value": "The school",
            "reason": "They write it",
            "work": action["id"],
            "effective_on": "2026-03-09",
        }
        council.call("POST", f"/cases/{council.ref}/corrections", json=body)

        assert council.work("complete_action")[0]["assignee"] == "dudley.social_worker"

    def test_hands_it_over_when_they_leave(self, council):
        council.open_case()
        agreed(council, {**SCHOOL, "owner": "dudley.social_worker_2"})

        followed = council.call(
            "POST",
            "/people/dudley.social_worker_2/departure",
            role="team_manager",
            json={"successors": {"social_worker": "dudley.social_worker"}},
        )

        assert followed["inactive"]
        assert council.work("complete_action")[0]["assignee"] == "dudley.social_worker"
        assert council.case()["facts"]["social_worker"] == "dudley.social_worker"


class TestTheNextMeeting:
    """D-02, D-23."""

    def test_reads_what_became_of_each(self, council):
        council.open_case()
        agreed(council, SCHOOL, CARER, AUNT)
        council.go("2026-04-13")
        late = {"standing": "done", "note": "It came"}
        council.complete("iro", "complete_action", late, title="school")
        dropped = {"standing": "dropped", "reason": "The child moved"}
        council.complete("social_worker", "complete_action", dropped, title="diary")

        arrange(council, "2026-04-13")

        values = opened(council, "chair_ppm")
        assert values["became"] == [
            {
                "what": SCHOOL["text"],
                "owner": "dudley.iro",
                "standing": "done",
                "note": "It came",
            },
            {
                "what": CARER["text"],
                "owner": "Foster carer",
                "standing": "dropped",
                "note": "The child moved",
            },
        ]
        assert values["slippage"] == [
            {
                "what": SCHOOL["text"],
                "owner": "dudley.iro",
                "due": "2026-03-30",
                "standing": "done",
            },
            {"what": AUNT["text"], "owner": "Team Manager", "due": "2026-04-10"},
        ]
        assert [each["text"] for each in values["actions"]] == [AUNT["text"]]

    def test_ends_what_it_takes_out_or_finds_done(self, council):
        council.open_case()
        agreed(council, SCHOOL, CARER, AUNT)
        council.go("2026-04-13")

        found = [{"what": CARER["text"], "standing": "done"}]
        agreed(council, CARER, AUNT, day="2026-04-13", slippage=found)

        assert [each["title"] for each in council.work("complete_action")] == [AUNT["text"]]

    def test_may_agree_anew_what_was_done_before(self, council):
        council.open_case()
        agreed(council, SCHOOL)
        council.complete("iro", "complete_action", {"standing": "done"})
        council.go("2026-04-13")

        agreed(council, {**SCHOOL, "due": "2026-05-04"}, day="2026-04-13")

        [work] = council.work("complete_action")
        assert work["limit_on"] == "2026-05-04"
        council.go("2026-05-18")
        arrange(council, "2026-05-18")
        assert "became" not in opened(council, "chair_ppm")


class TestTheFlag:
    """D-23, D-87: an action overdue is amber."""

    def test_is_amber_while_an_action_is_past_its_date(self, council):
        council.open_case()
        agreed(council, SCHOOL)
        council.follow_up("2026-03-09")
        council.go("2026-03-30")
        assert row(council)["rag"] == "green"

        council.go("2026-03-31")

        found = row(council)
        assert found["rag"] == "amber"
        assert found["reason"] == "An agreed action or an assessment is past its date"
        assert (found["values"]["actions_open"], found["values"]["actions_late"]) == (1, 1)
        council.complete("iro", "complete_action", {"standing": "done"})
        assert row(council)["rag"] == "green"

    def test_is_amber_for_an_assessment_too(self, council):
        council.open_case()
        health = {"type": "Health", "due_date": "2026-03-30"}
        council.meeting("2026-03-09", actions=[AUNT], assessments=[health])
        council.follow_up("2026-03-09")

        council.go("2026-03-31")

        assert row(council)["rag"] == "amber"


class TestAnAssessor:
    """D-18, D-23."""

    def test_of_the_council_has_the_assessment_as_their_task(self, council):
        council.open_case()
        health = {"type": "Health", "assessor": "dudley.adm", "due_date": "2026-04-20"}

        school = {**health, "type": "School", "assessor": "Nurse"}
        council.meeting("2026-03-09", assessments=[health, school])

        work = {each["title"]: each["assignee"] for each in council.work("complete_assessment")}
        assert work == {
            "Complete the assessment: Health": "dudley.adm",
            "Complete the assessment: School": "dudley.social_worker",
        }


class TestSupportThatThePanelAsksFor:
    """Y10, D-82."""

    def considered(self, council, **answers):
        council.open_case()
        council.meeting("2026-03-09", actions=[CARER])
        council.go("2026-04-01")
        council.complete("aepp_chair", "review_child_at_aepp", {**SUPPORT, **answers})
        return {each["title"]: each for each in council.work("complete_action")}

    def test_is_work_with_a_person_and_a_date(self, council):
        work = self.considered(
            council,
            support_what="Refer to therapy",
            support_who="dudley.social_worker",
            support_by="2026-04-20",
        )

        task = work["Refer to therapy"]
        assert (task["assignee"], task["limit_on"]) == ("dudley.social_worker", "2026-04-20")

    def test_is_the_team_managers_within_ten_working_days_if_it_says_no_more(self, council):
        work = self.considered(council)

        task = work["Therapy for the child"]
        # Good Friday and Easter Monday are left out.
        assert (task["assignee"], task["limit_on"]) == ("dudley.team_manager", "2026-04-17")

    def test_stays_until_a_meeting_after_it_settles_it(self, council):
        self.considered(council)
        council.go("2026-04-13")
        arrange(council, "2026-04-13")
        listed = {each["text"] for each in opened(council, "chair_ppm")["actions"]}

        assert listed == {CARER["text"], "Therapy for the child"}

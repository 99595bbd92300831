"""The check tells of errors and escalations that nobody hears, from their scope outwards."""

import pytest

from engine.errors import Finding
from engine.publishing.check import check_files
from tests.builders.drawn import by_event, drawing, event, flows, node, path, process
from tests.builders.small_pack import with_change
from workflows.permanence.domain import DOMAIN

BAD, HELP = event("error", "bad"), event("escalation", "help")
UNHEARD = {
    "error": ("n_end", "error-unheard", "error"),
    "escalation": ("n_end", "escalation-unheard", "warning"),
}


def found(*processes: str) -> set[tuple[str, str, str]]:
    """Element, rule and severity of what is found in these, the last called by the first."""
    files = with_change("case.bpmn", 'calledElement="followup"', 'calledElement="outer"')
    files |= {"followup.bpmn": drawing(*processes), "no_dry_run.txt": b""}
    findings: list[Finding] = check_files(files, domain=DOMAIN)
    return {
        (each.element, each.rule, each.severity)
        for each in findings
        if each.rule.startswith(("error-", "escalation-")) or each.rule == "event-place"
    }


def outer(body: str, *, watch: str = "", beside: str = "", call: str = "") -> str:
    """A process with a sub-process (or a call) `part`, watched by an event."""
    part = node("callActivity", "part", calledElement=call) if call else node(
        "subProcess", "part", body)  # fmt: skip
    watched = (
        node("boundaryEvent", "watch", watch, attachedToRef="part") + node("endEvent", "e2")
        + flows("watch", "e2") if watch else ""
    )  # fmt: skip
    return process(
        node("startEvent", "s") + part + watched + node("endEvent", "e") + flows("s", "part", "e")
        + beside, "outer",
    )  # fmt: skip


def throwing(definition: str, more: str = "") -> str:
    return path("n", end=definition) + more


@pytest.mark.parametrize("thrown", [("error", BAD), ("escalation", HELP)])
class TestThrown:
    def test_that_nobody_hears_is_told(self, thrown):
        kind, throws = thrown
        assert found(outer(throwing(throws))) == {UNHEARD[kind]}

    def test_in_a_process_that_a_case_calls_is_told(self, thrown):
        kind, throws = thrown
        assert found(process(throwing(throws), "outer")) == {UNHEARD[kind]}

    def test_with_another_code_is_told(self, thrown):
        kind, throws = thrown
        other = event("error", "worse") if kind == "error" else event("escalation", "more")
        declared = '<bpmn:escalation id="x_more" name="more" escalationCode="MORE" />'
        assert UNHEARD[kind] in found(outer(throwing(throws), watch=other), declared)

    @pytest.mark.parametrize("any_code", [False, True])
    def test_that_a_boundary_event_hears_is_not(self, thrown, any_code):
        kind, throws = thrown
        watch = event(kind) if any_code else throws
        assert found(outer(throwing(throws), watch=watch)) == set()

    def test_that_an_event_sub_process_outside_hears_is_not(self, thrown):
        _, throws = thrown
        assert found(outer(throwing(throws), beside=by_event("on", throws))) == set()

    def test_again_by_the_event_sub_process_that_heard_it_is_told(self, thrown):
        kind, throws = thrown
        inner = path("m", end=throws)
        on = node("subProcess", "on", inner.replace('name="m_start">', f'name="m_start">{throws}'),
            triggeredByEvent="true")  # fmt: skip
        rule = UNHEARD[kind][1:]
        assert found(outer(path("n"), beside=on)) == {("m_end", *rule)}

    def test_by_a_called_process_is_heard_by_who_calls_it(self, thrown):
        kind, throws = thrown
        called = process(throwing(throws), "called")
        assert found(outer("", call="called", watch=throws), called) == set()
        assert found(outer("", call="called"), called) == {UNHEARD[kind]}

    def test_where_only_some_callers_hear_is_told(self, thrown):
        kind, throws = thrown
        called = process(throwing(throws), "called")
        deaf = process(
            node("startEvent", "d_s") + node("callActivity", "d_c", calledElement="called")
            + node("endEvent", "d_e") + flows("d_s", "d_c", "d_e"), "deaf",
        )  # fmt: skip
        heard = found(outer("", call="called", watch=throws), called, deaf)
        assert heard == {("n_end", f"{kind}-not-always-heard", "warning")}

    def test_a_task_throws_none(self, thrown):
        _, throws = thrown
        task = (
            node("startEvent", "n_s")
            + node("scriptTask", "n_work", "<bpmn:script>n = 1</bpmn:script>")
            + node("boundaryEvent", "n_watch", throws, attachedToRef="n_work")
            + node("endEvent", "n_e") + node("endEvent", "n_e2")
            + flows("n_s", "n_work", "n_e") + flows("n_watch", "n_e2")
        )  # fmt: skip
        assert found(outer(task)) == {("n_watch", "event-place", "error")}

"""A signal reaches all of a case: instances that wait, processes that begin with it, and itself."""

from engine.packs.version import Definition
from engine.publishing.check import check_files
from engine.step.case_run import CaseRun
from engine.step.model import LoadedCase
from tests.builders.drawn import NOON, Drawn, by_event, drawing, event, flows, node, path, process
from tests.builders.small_pack import BPMN_HEAD, small_pack, with_change
from tests.builders.world import CASE_ID
from workflows.permanence.domain import DOMAIN


def listener(id: str, start: str = "") -> str:
    """A process that begins by `start` and then waits for the signal red."""
    names = [f"{id}_s", f"{id}_wait", f"{id}_work", f"{id}_e"]
    return process(
        node("startEvent", names[0], start)
        + node("intermediateCatchEvent", names[1], event("signal", "red"))
        + node("userTask", names[2]) + node("endEvent", names[3]) + flows(*names),
        id,
    )  # fmt: skip


def begun_by_signal(id: str) -> str:
    names = [f"{id}_s", f"{id}_work", f"{id}_e"]
    return process(
        node("startEvent", names[0], event("signal", "red"))
        + node("userTask", names[1]) + node("endEvent", names[2]) + flows(*names),
        id,
    )  # fmt: skip


def case_of(*processes: str) -> CaseRun:
    """A case without anything running, whose pack holds these processes."""
    files = {**small_pack(), "case.bpmn": drawing(*processes)}
    del files["followup.bpmn"], files["missed.bpmn"]
    case = LoadedCase(
        id=CASE_ID, ref="X", policy="P-1", version=1, status="open", secret=b"x" * 32,
        last_hash="", definition=Definition(files), facts={}, deadlines=(), instances=(),
        work_items=(), timers=(),
    )  # fmt: skip
    return CaseRun(case, domain=DOMAIN, now=NOON, was_started=lambda *_: None)


def test_a_signal_reaches_every_waiting_instance_and_begins_processes():
    thrower = process(
        node("startEvent", "s") + node("intermediateThrowEvent", "throw", event("signal", "red"))
        + node("intermediateCatchEvent", "rest", event("message", "stop")) + node("endEvent", "e")
        + flows("s", "throw", "rest", "e")
    )  # fmt: skip
    run = case_of(thrower, listener("one"), listener("two"), begun_by_signal("three"))
    run.start_process("one")
    run.start_process("two")
    run.start_process("case")
    run.settle()
    waiting = {each.process: each.waiting for each in run.finish().instances}
    assert waiting == {
        "one": ("one_work",),
        "two": ("two_work",),
        "three": ("three_work",),
        "case": ("rest",),
    }


def test_the_case_records_who_took_the_signal():
    run = case_of(process(path("p", end=event("signal", "red"))), listener("one"))
    run.start_process("one")
    run.start_process("case")
    run.settle()
    assert run.finish().messages == ({"name": "red", "taken_by": ["one"]},)


def test_a_signal_heard_inside_still_reaches_the_others():
    inner = (
        node("startEvent", "s") + node("userTask", "work")
        + node("intermediateThrowEvent", "throw", event("signal", "red"))
        + node("userTask", "more") + node("endEvent", "e")
        + flows("s", "work", "throw", "more", "e")
        + by_event("beside", event("signal", "red"), "extra", interrupting=False)
    )  # fmt: skip
    drawn = Drawn(process(inner)).done("work")
    assert drawn.open == ["extra", "more"]
    assert [(each.name, each.signal) for each in drawn.run.thrown] == [("red", True)]


def test_another_signal_is_not_heard():
    run = case_of(process(path("p", end=event("signal", "blue"))), listener("one"))
    run.start_process("one")
    run.start_process("case")
    run.settle()
    [one] = [each for each in run.finish().instances if each.process == "one"]
    assert one.waiting == ()  # the case ended and took it along
    assert run.finish().messages == ({"name": "blue", "taken_by": []},)


def heard_by(script: str, *, throws: str) -> list[tuple[str, str]]:
    """The element and rule of each finding of a pack where a signal begins a script."""
    listens = (
        f'{BPMN_HEAD}<bpmn:process id="missed" name="Missed" isExecutable="true">'
        + node("startEvent", "hears", '<bpmn:signalEventDefinition signalRef="red" />')
        + node("scriptTask", "does", f"<bpmn:script>{script}</bpmn:script>")
        + node("endEvent", "said") + flows("hears", "does", "said")
        + '</bpmn:process><bpmn:signal id="red" name="red" /></bpmn:definitions>'
    )  # fmt: skip
    files = with_change("case.bpmn", "messageEventDefinition", "signalEventDefinition")
    case = files["case.bpmn"].decode().replace("messageRef", "signalRef")
    case = case.replace(
        'message id="message_missed" name="missed"', f'signal id="message_missed" name="{throws}"'
    )
    files |= {"case.bpmn": case.encode(), "missed.bpmn": listens.encode()}
    return [(each.element, each.rule) for each in check_files(files, domain=DOMAIN)]


def test_the_check_knows_who_throws_and_who_hears():
    assert heard_by("n = 1", throws="red") == [("told", "misplaced-property")]
    found = heard_by("n = 1", throws="blue")
    assert {("hears", "signal-never-thrown"), ("told", "signal-never-heard")} <= set(found)


def test_a_dry_run_tries_what_a_signal_begins():
    assert ("does", "dry-run") in heard_by("n = policy + 1", throws="red")

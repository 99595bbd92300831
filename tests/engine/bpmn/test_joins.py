"""Joins in loops begin each round afresh, and wait for the branches that can still come."""

from tests.builders.drawn import FORMAL, Drawn, flows, node, process


def flow(source: str, target: str, condition: str) -> str:
    return (
        f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">'
        f"<bpmn:conditionExpression {FORMAL}>{condition}</bpmn:conditionExpression>"
        "</bpmn:sequenceFlow>"
    )


def rounds(kind: str, forks: str, work: str = "") -> str:
    """A process that forks into `left` and `right`, joins, and goes round again while `again`."""
    return process(
        node("startEvent", "s")
        + node("exclusiveGateway", "entry")
        + node(kind, "fork")
        + node("userTask", "left", work)
        + node("userTask", "right")
        + node(kind, "join")
        + node("userTask", "check")
        + node("exclusiveGateway", "whether", default="whether_e")
        + node("endEvent", "e")
        + flows("s", "entry", "fork")
        + forks
        + flows("left", "join", "check", "whether", "e")
        + flows("right", "join")
        + flow("whether", "entry", "again")
    )


ALL = flows("fork", "left") + flows("fork", "right")
BOTH = flow("fork", "left", "True") + flow("fork", "right", "also")


def at_join(drawn: Drawn, *done: str) -> list[str]:
    for element in done:
        drawn.done(element)
    return drawn.open


class TestParallelJoin:
    def test_waits_in_each_round_for_both_whoever_is_first(self):
        drawn = Drawn(rounds("parallelGateway", ALL), again=True)
        assert at_join(drawn, "left", "right") == ["check"]
        assert at_join(drawn, "check", "right") == ["left"]
        assert at_join(drawn, "left") == ["check"]
        assert at_join(drawn, "check", "left") == ["right"]

    def test_takes_no_data_of_an_earlier_round(self):
        script = "<bpmn:extensionElements><spiffworkflow:postScript>w = {'k': {'n': n}}"
        script += "</spiffworkflow:postScript></bpmn:extensionElements>"
        drawn = Drawn(rounds("parallelGateway", ALL, script), again=True, n=1)
        at_join(drawn, "left", "right", "check", "right")
        drawn.names["n"] = 2
        drawn.done("left")
        assert drawn.run.open_tasks[0].data["w"] == {"k": {"n": 2}}


class TestInclusiveJoin:
    def test_waits_in_each_round_for_the_branches_taken(self):
        drawn = Drawn(rounds("inclusiveGateway", BOTH), again=True, also=True)
        assert at_join(drawn, "left") == ["right"]
        assert at_join(drawn, "right", "check", "right") == ["left"]
        drawn.names["also"] = False
        assert at_join(drawn, "left", "check") == ["left"]
        assert at_join(drawn, "left") == ["check"]

    def test_waits_for_a_sub_process_on_another_branch(self):
        inner = node("startEvent", "is") + node("userTask", "visit") + node("endEvent", "ie")
        inner += flows("is", "visit", "ie")
        drawn = Drawn(
            process(
                node("startEvent", "s")
                + node("inclusiveGateway", "fork")
                + node("userTask", "left")
                + node("subProcess", "part", inner)
                + node("inclusiveGateway", "join")
                + node("userTask", "after")
                + node("endEvent", "e")
                + flows("s", "fork")
                + flow("fork", "left", "True")
                + flow("fork", "part", "True")
                + flows("left", "join", "after", "e")
                + flows("part", "join")
            )
        )
        assert at_join(drawn, "left") == ["visit"]
        assert at_join(drawn, "visit") == ["after"]

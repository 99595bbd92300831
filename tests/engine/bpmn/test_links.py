"""A link is a flow that is not drawn: within its scope, both ends shown as passed."""

import pytest

from engine.errors import StepFailed
from engine.publishing.check import check_files
from tests.builders.drawn import Drawn, by_event, event, flows, node, process
from tests.builders.small_pack import BPMN_HEAD, with_change
from workflows.permanence.domain import DOMAIN


def link(name: str) -> str:
    return f'<bpmn:linkEventDefinition name="{name}" />'


def throw(id: str, name: str) -> str:
    return node("intermediateThrowEvent", id, link(name))


def catch(id: str, name: str) -> str:
    return node("intermediateCatchEvent", id, link(name))


def test_a_token_goes_on_at_the_catching_end_and_both_are_passed():
    drawn = Drawn(
        process(
            node("startEvent", "s") + node("userTask", "work") + throw("away", "A")
            + catch("here", "A") + node("userTask", "more") + node("endEvent", "e")
            + flows("s", "work", "away") + flows("here", "more", "e")
        )
    )  # fmt: skip
    run = drawn.done("work").run
    assert drawn.open == ["more"]
    assert run.ran == ("work", "away", "here")
    assert drawn.done("more").run.completed


def test_several_throwers_share_a_catcher_and_a_link_may_lead_back():
    again = (
        '<bpmn:sequenceFlow id="back" sourceRef="more" targetRef="again"><bpmn:conditionExpression>'
        "wanted</bpmn:conditionExpression></bpmn:sequenceFlow>"
    )
    drawn = Drawn(
        process(
            node("startEvent", "s") + throw("first", "A") + throw("again", "A") + catch("here", "A")
            + node("userTask", "work") + node("exclusiveGateway", "more", default="more_e")
            + node("endEvent", "e") + again
            + flows("s", "first") + flows("here", "work", "more", "e")
        ), wanted=True,
    )  # fmt: skip
    for _ in range(3):
        assert drawn.done("work").open == ["work"]
    drawn.names["wanted"] = False
    assert drawn.done("work").run.completed


def test_links_of_one_name_in_two_scopes_are_two_links():
    inner = (
        node("startEvent", "ps") + throw("p_away", "A") + catch("p_here", "A")
        + node("userTask", "inside") + node("endEvent", "pe")
        + flows("ps", "p_away") + flows("p_here", "inside", "pe")
    )  # fmt: skip
    drawn = Drawn(
        process(
            node("startEvent", "s") + node("subProcess", "part", inner) + throw("away", "A")
            + catch("here", "A") + node("userTask", "after") + node("endEvent", "e")
            + flows("s", "part", "away") + flows("here", "after", "e")
        )
    )  # fmt: skip
    assert drawn.open == ["inside"]
    assert drawn.done("inside").open == ["after"]


def test_links_that_go_round_are_stopped():
    inner = node("startEvent", "s") + throw("t", "A") + catch("c", "A") + flows("s", "t")
    round_and_round = inner + throw("u", "A") + flows("c", "u") + node("endEvent", "e")
    with pytest.raises(StepFailed, match="loops without waiting"):
        Drawn(process(round_and_round + by_event("x", event("message", "go"), "work")))


def found(inner: str) -> set[tuple[str, str]]:
    """The element and rule of what a check finds in the follow-up process of a small pack."""
    text = (
        f'{BPMN_HEAD}<bpmn:process id="followup" name="F" isExecutable="true">'
        f"{node('startEvent', 's')}{node('endEvent', 'e')}{inner}</bpmn:process></bpmn:definitions>"
    )
    files = with_change("pack.toml", "A small pack", "A pack of links")
    files["followup.bpmn"] = text.encode()
    return {(each.element, each.rule) for each in check_files(files, domain=DOMAIN)}


WRONG = {
    "two catchers": (throw("t", "A") + catch("c", "A") + catch("d", "A"), ("t", "link")),
    "no thrower": (throw("t", "A") + catch("c", "B"), ("c", "link")),
    "no name": (throw("t", "") + catch("c", "A"), ("t", "link")),
    "a flow into the catcher": (throw("t", "A") + catch("c", "A") + flows("t", "c"),
        ("c", "incoming-at-start")),
    "a flow out of the thrower": (throw("t", "A") + catch("c", "A") + flows("t", "e"),
        ("t", "outgoing-at-end")),
    "a circle": (throw("t", "A") + catch("c", "A") + throw("u", "A") + flows("c", "u"),
        ("c", "endless-circle")),
    "a link at the end": (node("endEvent", "x", link("A")), ("x", "event-place")),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_link_that_leads_nowhere_is_told(wrong):
    inner, finding = wrong
    assert finding in found(inner + flows("s", "t") + flows("c", "e"))


def test_nothing_is_found_in_good_links():
    assert found(throw("t", "A") + catch("c", "A") + flows("s", "t") + flows("c", "e")) == set()

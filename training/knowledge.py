"""What people know that no form says, as [simulation.answers] of a demo.toml puts it.

A question that is not there is answered from its schema; one that a form lost does no harm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.domain import JsonValue
from engine.reads.work_item import WorkItemView
from training.simulation_rules import Functions, Rules, plain, worked_out
from training.stories import Story

Known = dict[str, JsonValue]


@dataclass(frozen=True)
class Moment:
    """One task in one person's hands.

    `facts` are as formulas read them; `done` counts the tasks done in the case, by name; `named`
    are the case's own people by role.
    """

    story: Story
    view: WorkItemView
    facts: Mapping[str, object]
    functions: Functions
    done: Mapping[str, int]
    named: Mapping[str, str]


def known(rules: Rules, moment: Moment) -> Known:
    """Return what is known of a task's answers; a form has only some of the questions."""
    asked = moment.view.form.schema.get("properties", {})
    people: Known = {
        name: moment.named.get(each["x-role"])
        for name, each in asked.items()
        if isinstance(each.get("x-role"), str)
    }
    item = moment.view.item
    names = {
        **moment.facts,
        "story": moment.story.told,
        "opened": dict.fromkeys(asked) | dict(moment.view.values),
        "limit": item.limit_on,
        "optional": item.optional,
        "done": moment.done,
    }
    found = worked_out(rules.answers.get(moment.view.form.id, {}), names, moment.functions)
    return people | {name: plain(value) for name, value in found.items() if name in asked}

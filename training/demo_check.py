"""Does a demo.toml name what its pack has: roles, kinds, tasks, messages, questions?"""

from __future__ import annotations

from collections.abc import Collection

from engine.packs.kinds import Kind
from engine.packs.version import Definition
from training.demo_file import Act, Demo, DemoCase
from training.simulation_rules import Rules
from training.toml_entries import DemoRefused, meant


def require_known(demo: Demo, definition: Definition) -> None:
    """Refuse what names nothing of a pack.

    Raises:
        DemoRefused: the entry is named, and what may have been meant.
    """
    try:
        _check_people(demo, definition)
        for case in demo.cases:
            _check_case(case, demo, definition)
        _check_rules(demo.rules, definition)
    except DemoRefused as refused:
        raise DemoRefused(refused.why, demo.pack) from refused


def _known(place: str, what: str, name: str, known: Collection[str]) -> None:
    if name not in known:
        raise DemoRefused(f"{place}: there is no {what} '{name}'{meant(name, known)}")


def _check_people(demo: Demo, definition: Definition) -> None:
    roles, staffing = definition.pack.roles, demo.staffing
    for role in staffing.second:
        _known("people.second", "role", role, roles)


def _check_case(case: DemoCase, demo: Demo, definition: Definition) -> None:
    pack = definition.pack
    if case.kind:
        _known(case.place, "kind of case", case.kind, pack.kinds)
    kind = pack.kinds[case.kind or pack.first_kind]
    people = {*pack.roles, *(f"{role}_2" for role in demo.staffing.second)}
    for name in (case.by, *(act.by for act in case.acts)):
        if name:
            _known(case.place, "person of the pack", name, people)
    for role in (*case.without, *case.people):
        _known(case.place, "role", role, pack.roles)
    for act in case.acts:
        _check_act(act, kind, definition)


def _check_act(act: Act, kind: Kind, definition: Definition) -> None:
    if act.kind == "open":
        asked: Collection[str] = _questions(kind.form, definition)
    elif act.kind == "report":
        messages = {each.name: each for each in definition.pack.messages_of(kind.id)}
        _known(act.place, "message", act.name, messages)
        asked = {each.name for each in messages[act.name].payload}
    else:
        forms = _forms_of_tasks(definition)
        _known(act.place, "task", act.name, forms)
        asked = _questions(forms[act.name], definition)
    for name in act.answers:
        _known(f"{act.place}.answers", "question", name, asked)


def _questions(form: str, definition: Definition) -> set[str]:
    return {each.name for each in definition.forms[form].fields}


def _forms_of_tasks(definition: Definition) -> dict[str, str]:
    """Return the name of each task -> its form."""
    found = {}
    for element in definition.elements.values():
        form = definition.form_of(element)
        if form is not None:
            found[element.properties.get("work_item") or element.id] = form.id
    return found


def _check_rules(rules: Rules, definition: Definition) -> None:
    pack = definition.pack
    if rules.kind:
        _known("simulation.kind", "kind of case", rules.kind, pack.kinds)
    kind = pack.kinds[rules.kind or pack.first_kind]
    tasks, messages = _forms_of_tasks(definition), {each.name for each in pack.messages_of(kind.id)}
    for role in (*rules.at_most, *(role for _, roles in rules.hours for role in roles)):
        _known("simulation", "role", role, pack.roles)
    for policy in rules.policies:
        _known("simulation.policies", "policy", policy, pack.policies)
    for task in rules.when:
        _known("simulation.when", "task", task, tasks)
    for form in rules.answers:
        _known("simulation.answers", "form", form, definition.forms)
    for message in (*rules.often, *rules.carries, *rules.ends):
        _known("simulation", "message", message, messages)
    for name in rules.opening:
        _known("simulation.opening", "question", name, _questions(kind.form, definition))
    for state in rules.states:
        place = f"the state '{state.name}'"
        for task in state.neglects:
            _known(place, "task", task, tasks)
        for reported in state.reports:
            _known(place, "message", reported.message, messages)
        for name in state.story:
            _known(place, "entry of simulation.story", name, rules.story)
        if state.policy:
            _known(place, "policy", state.policy, pack.policies)

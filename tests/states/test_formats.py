"""Texts of a format that is not today's: upgraded step by step, or refused with what to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from engine.bpmn import formats, runtime
from engine.bpmn.formats import State
from engine.errors import StateUnreadable, StepFailed
from engine.integrity import look_over
from engine.storage import database, tables
from engine.storage.published_versions import get_definition
from tests.builders.drawn import Drawn, path, process
from tests.builders.world import World
from web.cli import main
from workflows.permanence.domain import DOMAIN

Said = Callable[[World], tuple[int, str, dict[str, Any]]]
PROCESS = process(path("p", "visit", "report"))


def from_first(state: State, _specs: Any) -> State:
    """A made-up format in which finished tasks stood apart from the others."""
    scopes = [state["process"], *(called for _, called in state["called"])]
    for scope in scopes:
        scope["tasks"] = sorted([*scope["tasks"], *scope.pop("finished")], key=lambda each: each[0])
    return state


def from_second(state: State, specs: Any) -> State:
    """A made-up format in which tasks named their spec by its place among those of its process."""
    scopes = [state["process"], *(called for _, called in state["called"])]
    for scope in scopes:
        names = sorted(specs[scope["spec"]].task_specs)
        for task in scope["tasks"]:
            task[2] = names[task[2]]
    return state


def made_up(text: str, specs: Any, *, release: str = "0.0.1") -> str:
    """Return a text as the first of the two would have been."""
    state = json.loads(text)
    for scope in [state["process"], *(called for _, called in state["called"])]:
        names = sorted(specs[scope["spec"]].task_specs)
        tasks = [[*task[:2], names.index(task[2]), *task[3:]] for task in scope["tasks"]]
        scope["finished"] = [task for task in tasks if task[3] == 64]
        scope["tasks"] = [task for task in tasks if task[3] != 64]
    return headed(state, format=formats.FORMAT - 2, release=release)


def headed(state: State, **head: Any) -> str:
    """Return a state as text with another head."""
    return json.dumps({**state, **head}, separators=(",", ":"))


@pytest.fixture
def upgrades(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let today's format come two later, after two made-up ones."""
    first, second = formats.FORMAT, formats.FORMAT + 1
    monkeypatch.setattr(formats, "FORMAT", second + 1)
    made_up = {first: from_first, second: from_second}
    monkeypatch.setattr(formats, "UPGRADES", {**formats.UPGRADES, **made_up})


class TestAnOlderFormat:
    def test_there_is_an_upgrade_of_each(self):
        assert set(formats.UPGRADES) == set(range(1, formats.FORMAT))

    @pytest.mark.usefixtures("upgrades")
    def test_is_upgraded_on_the_way_and_goes_on(self):
        old, fresh = Drawn(PROCESS).done("visit"), Drawn(PROCESS).done("visit")
        text = made_up(old.run.text, old.specs)
        task = old.run.open_tasks[0].task

        old.run = runtime.complete_task(old.specs, text, task, old.reads)

        assert old.run == fresh.done("report").run
        assert formats.head_of(old.run.text) == formats.Head(
            formats.FORMAT, formats.RELEASE, formats.SPIFFWORKFLOW
        )

    @pytest.mark.usefixtures("upgrades")
    def test_of_a_case_is_written_anew_by_its_next_step(self, world: World):
        world.open()
        put(world, made_up)
        assert [each.format for each in found(world).older_states] == [formats.FORMAT - 2]
        done = {"text": "Stay near school", "completed_on": "2026-03-09"}

        world.complete("social_worker", "draft_care_plan", done)

        assert found(world).older_states == ()
        assert found(world).problems == ()


class TestAnUnknownFormat:
    def test_is_refused_with_the_release_to_install(self):
        drawn = Drawn(PROCESS)
        later = headed(json.loads(drawn.run.text), format=7, release="3.1", spiffworkflow="4.0")

        with pytest.raises(StateUnreadable) as refused:
            runtime.look_again(drawn.specs, later, drawn.reads)

        assert refused.value.why == (
            "it is in format 7, which permanence 3.1 wrote with SpiffWorkflow 4.0; this is "
            f"permanence {formats.RELEASE}, which reads formats 1 to 2. "
            "Install permanence 3.1 or a newer one"
        )
        assert isinstance(refused.value, StepFailed)

    @pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": ', "null"])
    def test_what_is_no_state_is_said_to_be_none(self, text: str):
        drawn = Drawn(PROCESS)

        with pytest.raises(StateUnreadable, match="no state of an instance"):
            runtime.look_again(drawn.specs, text, drawn.reads)

    def test_what_does_not_fit_its_diagrams_is_said_not_to(self):
        drawn = Drawn(PROCESS)
        text = drawn.run.text.replace('"visit"', '"visit.Split"')

        with pytest.raises(StateUnreadable, match=r"'visit\.Split' is missing"):
            runtime.look_again(drawn.specs, text, drawn.reads)


class TestTheHead:
    def test_is_noted_at_the_beginning(self):
        text = Drawn(PROCESS).run.text

        assert text.startswith('{"format":2,"release":"')
        head = formats.head_of(text[: formats.HEAD_LENGTH])
        assert head == formats.Head(2, formats.RELEASE, formats.SPIFFWORKFLOW)

    def test_says_nothing_of_the_release_in_texts_from_before_it_was_noted(self):
        assert formats.head_of('{"format":1,"spiffworkflow":"3.2.0","next":7,') == formats.Head(
            1, "", "3.2.0"
        )

    @pytest.mark.parametrize("text", ["", "{}", '{"next":1,"format":1}', "null"])
    def test_is_none_of_what_is_no_state(self, text: str):
        assert formats.head_of(text) is None

    def test_another_spiffworkflow_in_it_is_read_all_the_same(self):
        drawn = Drawn(PROCESS)
        state = json.loads(drawn.run.text)

        run = runtime.look_again(drawn.specs, headed(state, spiffworkflow="9.9"), drawn.reads)

        assert run == runtime.look_again(drawn.specs, drawn.run.text, drawn.reads)


class TestVerify:
    def test_names_the_cases_that_another_spiffworkflow_wrote(self, world: World, said: Said):
        world.open()
        put(world, lambda text, _: headed(json.loads(text), spiffworkflow="3.1.2"))

        code, words, data = said(world)

        assert code == 0
        assert words.splitlines()[0] == (
            f"Written in format 2 by permanence {formats.RELEASE} with SpiffWorkflow 3.1.2, read "
            f"as it is: {world.ref}."
        )
        assert data["older_states"] == [
            {
                "format": 2,
                "release": formats.RELEASE,
                "spiffworkflow": "3.1.2",
                "cases": [world.ref],
            }
        ]

    def test_says_nothing_of_what_today_s_code_would_write(self, world: World, said: Said):
        world.open()

        code, words, data = said(world)

        assert (code, data["older_states"]) == (0, [])
        assert len(words.splitlines()) == 1

    def test_finds_a_state_of_a_later_release(self, world: World, said: Said):
        world.open()
        put(world, lambda text, _: headed(json.loads(text), format=3, release="3.1"))

        code, words, data = said(world)

        assert code == 1
        assert f"{world.ref}: The state of case cannot be read: it is in format 3" in words
        assert "Install permanence 3.1 or a newer one." in words
        assert data["older_states"] == []

    def test_finds_a_state_that_was_damaged(self, world: World, said: Said):
        world.open()
        put(world, lambda text, _: text[:-10])

        code, words, _ = said(world)

        assert code == 1
        assert "it is no state of an instance; restore a backup." in words


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    """Return what runs `permanence verify`: its code, its words, its JSON."""

    def run(world: World) -> tuple[int, str, dict[str, Any]]:
        url = world.engine.url.render_as_string(hide_password=False)
        monkeypatch.setenv("PERMANENCE_DATABASE_URL", url)
        monkeypatch.setenv("PERMANENCE_MODE", "training")
        capsys.readouterr()
        code = main(["verify"])
        words = capsys.readouterr().out
        assert main(["verify", "--json"]) == code
        return code, words, json.loads(capsys.readouterr().out)

    return run


def put(world: World, change: Callable[[str, Any], str]) -> None:
    """Change the texts of the running instances behind the engine's back."""
    t = tables.instance
    with database.transaction(world.engine) as connection:
        for row in connection.execute(sa.select(t).where(t.c.status == "running")).all():
            specs = get_definition(connection, row.definition).specs
            connection.execute(
                t.update().where(t.c.id == row.id).values(state=change(row.state, specs))
            )


def found(world: World) -> look_over.Verdict:
    with database.reading(world.engine) as connection:
        return look_over.look_over(connection, now=world.now, domain=DOMAIN)

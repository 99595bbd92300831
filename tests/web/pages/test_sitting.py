"""One sitting for brothers and sisters: one meeting, and a record for each child."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.builders.meeting import carried_by, submit, typed_in
from tests.builders.visitor import Visitor
from tests.web.conftest import open_child
from tests.web.pages.test_long_forms import ARRANGE

OTHERS = ("child", "family", "plan", "work", "progress", "next")
PRIVATE = "Only Robin said this."


class Family:
    """Children whose meetings are arranged for today: reference and address of what waits."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.manager = Visitor(app, "dudley.team_manager")
        self.refs: dict[str, str] = {}

    def add(self, name: str, **facts: str) -> str:
        """Open a child's case and arrange the meeting; return the reference."""
        worker = Visitor(self.app, "dudley.social_worker")
        ref = open_child(worker, child_ref=f"LCS-{name}", child_name=name, **facts)
        task = work_of(worker, ref, "Arrange the Permanence Planning Meeting")
        worker.open(task)
        worker.send(task, ARRANGE)
        self.refs[name] = ref
        return ref

    def task(self, name: str) -> str:
        """Return the address of the child's meeting, as its chair finds it on the child's page."""
        return work_of(self.manager, self.refs[name], "Chair and record")

    def save(self, name: str, section: str, **changes: object) -> None:
        at = f"{self.task(name)}/sections/{section}"
        page = self.manager.open(at).text
        typed = {**carried_by(page), **typed_in(section, **changes), "action": "save"}
        self.manager.send(at, typed)

    def record(self, name: str, **changes: object) -> str:
        """Record the other sections of a child's meeting; return the page that says so."""
        for section in OTHERS:
            self.save(name, section, **changes if section == "child" else {})
        return self.manager.follow(submit(self.manager, self.task(name))).text


@pytest.fixture
def family(app: Flask) -> Family:
    """Three of one sibling group and one of another, each with a meeting today."""
    family = Family(app)
    for name in ("Robin", "Jay", "Wren"):
        family.add(name, sibling_group="SG-1")
    family.add("Stranger", sibling_group="SG-2")
    return family


class TestSitting:
    def test_shares_the_date_and_who_was_there_and_nothing_else(self, family: Family):
        manager = family.manager
        refs = family.refs
        page = manager.open(f"{family.task('Robin')}/sections/meeting").text
        assert refs["Jay"] in page
        assert refs["Stranger"] not in page

        held = [refs["Jay"], refs["Wren"]]
        family.save("Robin", "meeting", held_with=held)
        assert "1 of 3 in this sitting" in manager.open(family.task("Robin")).text
        done = family.record("Robin", child_views=PRIVATE)

        assert "1 of 3 recorded" in done
        for name in ("Jay", "Wren"):
            assert f'href="{family.task(name)}"' in done
            task = family.task(name)
            assert "2 of 3 in this sitting" in manager.open(task).text
            words = manager.open(f"{task}/check").text
            assert "9 March 2026" in words
            assert "Team Manager, Present" in words
            assert PRIVATE not in words
            assert "Would like to stay near school." not in words
            assert "A settled home." not in words
            assert "LCS-PPM-1" not in words

    def test_records_each_child_by_its_own_command(self, family: Family):
        family.save("Robin", "meeting", held_with=[family.refs["Jay"]])
        family.record("Robin", child_views=PRIVATE)
        task = family.task("Jay")
        submit(family.manager, task, status=422)

        done = family.record("Jay", child_views="Jay would like a dog.")

        assert "Next in this sitting" not in done
        assert "Jay would like a dog." in family.manager.open(paper(family.manager)).text
        history = family.manager.open(f"/cases/{family.refs['Robin']}/history").text
        assert "Jay would like" not in history
        assert PRIVATE in paper_of(family, "Robin")

    def test_leaves_alone_what_a_worker_had_written(self, family: Family):
        worker = Visitor(family.app, "dudley.social_worker")
        at = f"{family.task('Jay')}/sections/meeting"
        present = [{"role": "Grandmother", "standing": "present"}]
        page = worker.open(at).text
        typed = typed_in("meeting", attendance=present)
        worker.send(at, {**carried_by(page), **typed, "action": "save"})

        family.save("Robin", "meeting", held_with=[family.refs["Jay"]])
        family.record("Robin")

        words = family.manager.open(f"{family.task('Jay')}/check").text
        assert "Grandmother, Present" in words
        assert "2 of 3" not in words
        assert "2 of 2 in this sitting" in family.manager.open(family.task("Jay")).text

    def test_takes_in_nobody_whom_the_chair_does_not_chair(self, family: Family):
        """A reference that was not offered is refused, whether it is known or not."""
        for ref in (family.refs["Stranger"], "P-AAAAA-AAAAA"):
            family.save("Robin", "meeting", held_with=[ref])
            for section in OTHERS:
                family.save("Robin", section)

            page = submit(family.manager, family.task("Robin"), status=422).text

            assert "must be one of the answers offered" in page

    def test_tells_a_drafter_nothing_of_a_child_whom_they_may_not_see(
        self, family: Family, app: Flask
    ):
        worker = Visitor(app, "dudley.social_worker")

        page = worker.open(f"{family.task('Robin')}/sections/meeting").text

        assert "one sitting" not in page
        assert family.refs["Jay"] not in page


def work_of(visitor: Visitor, ref: str, title: str) -> str:
    """Return the address of the open task of a child whose title begins so."""
    page = visitor.open(f"/cases/{ref}").text
    found = re.search(rf'href="(/work-items/[^"]+)">{title}', page)
    assert found is not None, title
    return found[1]


def paper(manager: Visitor) -> str:
    """Return the address of the paper that the page shown leads to."""
    [address] = manager.links(r"/cases/[^\"]+/paper")
    return address


def paper_of(family: Family, name: str) -> str:
    family.manager.open(f"/cases/{family.refs[name]}/recorded/3")
    return family.manager.open(paper(family.manager)).text

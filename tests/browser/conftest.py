"""The application in a real browser, on SQLite: what a database changes is tested elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.person import Person
from tests.browser.site import Site, running
from tests.browsing import collect_problems
from tests.builders.world import fill

NewPerson = Callable[..., Person]

DESKTOP, PHONE = (1280, 900), (375, 740)

PATIENCE = 30_000
"""Milliseconds that a busy machine may take to show what is expected."""

expect.set_options(timeout=PATIENCE)


@pytest.fixture
def site(request: pytest.FixtureRequest, new_database: Callable[..., str]) -> Iterator[Site]:
    """The application with Dudley's pack and people, and no case yet."""
    request.getfixturevalue("built_assets")
    with running(new_database("sqlite", fill=fill)) as site:
        yield site


@pytest.fixture
def new_person(browser: Browser, site: Site) -> Iterator[NewPerson]:
    """Sit somebody at a browser of their own: new_person("dudley.iro", size=PHONE).

    A script error or a breach of the CSP in any of them fails the test.
    """
    contexts, problems = [], []

    def sit_down(
        name: str | None = None, *, size: tuple[int, int] = DESKTOP, kind: type[Person] = Person
    ) -> Person:
        width, height = size
        context = browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        problems.append(collect_problems(page))
        person = kind(page, site.address)
        if name is not None:
            person.sign_in(name)
        return person

    yield sit_down
    for context in contexts:
        context.close()
    assert [each for found in problems for each in found] == []


@pytest.fixture
def child(site: Site) -> str:
    """Reference of a child who came into care today."""
    site.world.open()
    return site.world.ref


@pytest.fixture
def worker(new_person: NewPerson) -> Person:
    """Dudley's social worker, signed in at a desktop."""
    return new_person("dudley.social_worker")

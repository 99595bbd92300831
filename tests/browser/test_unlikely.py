"""T6 in a browser: what is unlikely is asked about once."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, NewPerson
from tests.builders.world import CASE


class TestUnlikely:
    @pytest.mark.parametrize("size", [DESKTOP, PHONE])
    def test_t6_a_year_of_birth_is_confirmed(
        self, new_person: NewPerson, size: tuple[int, int]
    ) -> None:
        worker = new_person("dudley.social_worker", size=size)
        worker.open("/cases/open/dudley")
        answers = {name: value for name, value in CASE.items() if "." not in str(value)}
        worker.answer({**answers, "dob": "2007-01-01"})

        worker.press("Open the case")
        assert "Is 2007 right?" in worker.read()
        for box in worker.page.locator("input[name='confirmed']").all():
            box.check()
        worker.press("Open the case")

        expect(worker.page.locator("main")).not_to_contain_text("Is this right?")
        assert "Sam Example" in worker.read()

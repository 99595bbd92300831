"""F5 in a browser: opening a child's case a second time."""

from __future__ import annotations

import pytest

from tests.browser.conftest import DESKTOP, PHONE, NewPerson
from tests.builders.world import CASE


@pytest.mark.usefixtures("child")
class TestOpenedTwice:
    @pytest.mark.parametrize("size", [DESKTOP, PHONE])
    def test_f5_is_told_and_opened_with_a_reason(
        self, new_person: NewPerson, size: tuple[int, int]
    ) -> None:
        worker = new_person("dudley.social_worker", size=size)
        worker.open("/cases/open/dudley")
        worker.answer({name: value for name, value in CASE.items() if "." not in str(value)})

        worker.press("Open the case")
        assert "A case with the same" in worker.read()
        worker.follow("say why")
        worker.page.locator("#again_because").fill("The first was closed by mistake on paper")
        worker.press("Open the case")

        assert "The first was closed by mistake on paper" in worker.read()

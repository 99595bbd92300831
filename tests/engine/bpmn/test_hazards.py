"""Each hazard of the engine underneath is answered, and its guard fails when the answer is lost."""

from pathlib import Path

import pytest

from tests.engine.bpmn.hazards.growth import GROWTH
from tests.engine.bpmn.hazards.happenings import HAPPENINGS
from tests.engine.bpmn.hazards.hazard import Hazard
from tests.engine.bpmn.hazards.running import RUNNING
from tests.engine.bpmn.hazards.times import TIMES

HAZARDS = [*GROWTH, *TIMES, *HAPPENINGS, *RUNNING]
GUARDED = [each for each in HAZARDS if each.guard is not None]
TESTS = {path.name for path in Path(__file__).parents[2].rglob("test_*.py")}


@pytest.mark.parametrize("hazard", GUARDED, ids=lambda each: each.words)
def test_is_answered(hazard: Hazard) -> None:
    assert hazard.guard is not None
    hazard.guard()


@pytest.mark.parametrize("hazard", GUARDED, ids=lambda each: each.words)
def test_would_be_noticed_if_it_came_back(hazard: Hazard) -> None:
    assert hazard.guard is not None
    assert hazard.returned is not None
    # Whatever it breaks, an assertion or the engine underneath, the guard must not pass.
    with hazard.returned(), pytest.raises((Exception, pytest.fail.Exception)):
        hazard.guard()


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda each: each.words)
def test_names_tests_that_exist(hazard: Hazard) -> None:
    named = [word for word in hazard.elsewhere.replace(",", " ").split() if word.endswith(".py")]
    assert hazard.guard is not None or named
    assert set(named) <= TESTS

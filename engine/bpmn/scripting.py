"""Every expression in a diagram, evaluated in our closed language instead of Python."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from SpiffWorkflow.bpmn.script_engine import BasePythonScriptEngineEnvironment, PythonScriptEngine

from engine.bpmn.timers import Hold
from engine.domain import Length
from engine.errors import ExpressionError
from engine.rules import expressions


@dataclass(frozen=True)
class Surroundings:
    """What expressions of one step read: the clock, the facts, the functions.

    `names` holds every declared fact (None when unset) and `answers`; `functions` the date
    functions and those of deadlines; `start_of` gives 00:00 London of a day as a UTC instant,
    `later` the instant a length of London's calendar after another.
    `holds`: task number -> why that timer of the running instance must not fire.
    """

    now: datetime
    names: Mapping[str, object]
    functions: Mapping[str, Callable[..., object]]
    start_of: Callable[[date], datetime]
    later: Callable[[datetime, Length], datetime]
    answers: Mapping[str, object] = field(default_factory=dict)
    holds: Mapping[int, Hold] = field(default_factory=dict)


class Environment(BasePythonScriptEngineEnvironment):  # type: ignore[misc]
    """SpiffWorkflow's hook for expressions and scripts, bound to one step's surroundings."""

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self._surroundings = surroundings
        self.decisions: list[dict[str, object]] = []

    @property
    def now(self) -> datetime:
        return self._surroundings.now

    @property
    def holds(self) -> Mapping[int, Hold]:
        return self._surroundings.holds

    def start_of(self, day: date) -> datetime:
        return self._surroundings.start_of(day)

    def later(self, instant: datetime, length: Length) -> datetime:
        return self._surroundings.later(instant, length)

    def evaluate(self, expression: str, context: dict[str, Any], _external: Any = None) -> Any:
        return expressions.evaluate(expression, self._names(context), self._surroundings.functions)

    def holds_true(self, condition: str, values: Mapping[str, Any]) -> bool:
        """Return whether a condition of a flow or loop holds; null is no.

        Raises:
            ExpressionError: it cannot be worked out, or gives neither yes nor no.
        """
        return expressions.holds(condition, self._names(values), self._surroundings.functions)

    def execute(self, script: str, context: dict[str, Any], _external: Any = None) -> bool:
        result = expressions.run_script(script, self._names(context), self._surroundings.functions)
        context.update({name: plain(value) for name, value in result.items()})
        return True

    def call_service(self, _context: Any, **_: Any) -> Any:
        raise ExpressionError("service task", "service tasks are not supported")

    def reads(
        self, context: dict[str, Any]
    ) -> tuple[Mapping[str, object], Mapping[str, Callable[..., object]]]:
        """Return the names and the functions that a decision table reads."""
        return self._names(context), self._surroundings.functions

    def _names(self, context: Mapping[str, Any]) -> Mapping[str, object]:
        surroundings = self._surroundings
        return ChainMap(context, {"answers": surroundings.answers}, surroundings.names)  # type: ignore[arg-type]


class ScriptEngine(PythonScriptEngine):  # type: ignore[misc]
    """SpiffWorkflow's script engine over `Environment`; validation compiles in our language."""

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(Environment(surroundings))

    def validate(self, expression: str) -> None:
        try:
            expressions.compile_expression(expression)
        except ExpressionError as error:
            # The DMN engine depends on this very class.
            raise SyntaxError(error.why) from error

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> Any:
        return self.environment.evaluate(expression, task.data, external_context)

    def execute(self, task: Any, script: str, external_context: Any = None) -> Any:
        return self.environment.execute(script, task.data, external_context)


def plain(value: object) -> object:
    """Return `value` as JSON carries it: dates as ISO 8601 text, through lists and dicts."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    return value

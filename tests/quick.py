"""Only the tests that stay in memory: `pytest -p tests.quick`, as `make check` runs it.

A test that asks for a database or a browser is left out. One that comes to open a database or to
start a process without having asked is skipped at that moment.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

ELSEWHERE = frozenset({"browser", "new_database", "postgresql_url", "sqlite_databases"})
"""The fixtures that all databases and browsers of tests come from."""

OPENS = frozenset({"os.fork", "os.posix_spawn", "sqlite3.connect", "subprocess.Popen"})
"""What the interpreter calls the ways out of memory, when it is asked to tell of them."""

EXAMPLES = 20
"""How many examples a property is tried with, unless it says itself."""

_in_a_test = False


def pytest_configure() -> None:
    settings.register_profile("quick", settings.get_profile("any machine"), max_examples=EXAMPLES)
    settings.load_profile("quick")
    sys.addaudithook(_skip_what_leaves_memory)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        asks = ELSEWHERE.intersection(getattr(item, "fixturenames", ()))
        (left if asks else kept).append(item)
    config.hook.pytest_deselected(items=left)
    items[:] = kept


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    global _in_a_test
    _in_a_test = True
    try:
        return (yield)
    finally:
        _in_a_test = False


def _skip_what_leaves_memory(event: str, _details: object) -> None:
    if _in_a_test and event in OPENS:
        pytest.skip(f"not in memory: {event}")

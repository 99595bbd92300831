"""The log's lines are JSON, and an exception in them quotes nobody."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest
import structlog

from web import logs


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    logs.configure(stream)
    yield stream
    structlog.reset_defaults()


def test_a_line_is_json_with_its_time(written: io.StringIO):
    structlog.get_logger().info("timer fired", case="P-ABCDE-FGHIJ")

    line = json.loads(written.getvalue())
    assert line["event"] == "timer fired"
    assert line["case"] == "P-ABCDE-FGHIJ"
    assert line["level"] == "info"
    assert line["timestamp"].endswith("Z")


def test_an_exception_is_told_by_kind_and_place_only(written: io.StringIO):
    child = "Sam Example"
    try:
        raise ValueError(f"no such child: {child}")
    except ValueError as error:
        structlog.get_logger().exception("request failed", exc_info=error)

    line = json.loads(written.getvalue())
    assert line["error"] == "ValueError"
    assert line["frames"][0].endswith("test_an_exception_is_told_by_kind_and_place_only")
    assert child not in written.getvalue()

"""The comparison of two SpiffWorkflows finds nothing where there is nothing, and a difference.

A small sample against the version in use itself; `make prove` fetches others from the index.
"""

from __future__ import annotations

import pytest

from tests.builders.drawn import drawing, flows, node, path, process
from tests.proofs import other_spiffworkflow
from tests.proofs.other_spiffworkflow import (
    Compared,
    Unreachable,
    compare,
    hold,
    install,
    other_side,
)
from tests.proofs.planted import without_running_calls
from tests.proofs.processes import Move


def test_the_same_does_the_same():
    compared = compare(None, 21, runs=6)

    assert compared.runs >= 4
    assert (compared.differing, compared.examples) == ({}, [])
    assert compared.texts_alike == compared.steps
    assert compared.read_across > compared.steps


def test_a_difference_is_found():
    call = node("startEvent", "s") + node("callActivity", "call", calledElement="other")
    call += node("endEvent", "e") + flows("s", "call", "e")
    xml = drawing(process(call), process(path("o", "visit", "report"), "other"))
    completed = [Move("complete", 0, 0, 0, 0, 0)] * 2
    compared = Compared()

    with without_running_calls(), other_side(None) as other:
        hold(other, xml, completed, compared)

    assert sum(compared.differing.values()) == len(compared.examples) == 1


def test_what_cannot_be_had_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_NO_CACHE", "1")

    with pytest.raises(Unreachable, match=r"SpiffWorkflow==3\.1\.2"):
        install("3.1.2", tmp_path)
    assert "could not be reached" in other_spiffworkflow.last_before()["skipped"]

"""What a form is sent is cleaned before it is looked at: invisible characters count for nothing."""

from __future__ import annotations

from tests.builders.visitor import Visitor, date_fields
from tests.web.conftest import CHILD, open_child

ZERO = "\N{ZERO WIDTH SPACE}"


def test_f2_a_name_that_nobody_could_see_is_no_name(worker: Visitor):
    page = worker.open("/cases/open/dudley")
    case_id = page.text.split('name="case_id" value="')[1].split('"')[0]
    fields = {**CHILD, **date_fields("event_date", "2026-03-09"), "child_name": ZERO * 2}
    refused = worker.send("/cases/open/dudley", {**fields, "case_id": case_id}, status=422)
    assert 'href="#child_name"' in refused.text


def test_f2_a_date_that_looks_right_is_right_and_a_text_is_kept_as_it_looks(worker: Visitor):
    days = {name: f"{ZERO}{day}{ZERO}" for name, day in date_fields("dob", "2020-01-01").items()}
    ref = open_child(worker, child_name="Sam\x07\N{RIGHT-TO-LEFT OVERRIDE} Example", **days)
    page = worker.open(f"/cases/{ref}").text
    assert "Sam Example" in page
    assert "1 January 2020" in page

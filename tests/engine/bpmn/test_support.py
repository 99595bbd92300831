"""Every row of docs/bpmn-support.md, run; and the page says what the rows say."""

from pathlib import Path

import pytest

from engine.errors import PackRefused
from engine.rules.decisions import evaluate_table, parse_tables
from tests.engine.bpmn.support.document import GROUPS, document
from tests.engine.bpmn.support.rows import Row, act, found
from tests.engine.bpmn.support.tables import TABLES, TableRow

ROWS = [row for rows in GROUPS.values() for row in rows]
PAGE = Path(__file__).parents[3] / "docs" / "bpmn-support.md"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_an_element_of_bpmn_is_run_or_refused(row: Row) -> None:
    findings = found(row)
    if row.finding is not None:
        told = [each for each in findings if (each.element, each.rule) == row.finding]
        assert [each.severity for each in told] == ["error"], findings
    else:
        assert [each for each in findings if each.severity == "error"] == []
        act(row)


@pytest.mark.parametrize("row", TABLES, ids=lambda row: row.id)
def test_a_decision_table_is_run_or_refused(row: TableRow) -> None:
    if row.rule:
        with pytest.raises(PackRefused) as refused:
            parse_tables(row.xml)
        assert {(each.element, each.rule) for each in refused.value.findings} == {
            ("table", row.rule)
        }
    else:
        [table] = parse_tables(row.xml).values()
        assert evaluate_table(table, {"x": 7}, {}).result == row.says


def test_rows_are_told_apart() -> None:
    ids = [row.id for row in [*ROWS, *TABLES]]
    assert len(set(ids)) == len(ids)


def test_the_page_says_what_the_rows_say() -> None:
    assert PAGE.read_text("utf-8") == document()

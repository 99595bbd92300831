"""Decision tables: hit policies, the record of the matched rows, findings, timescales."""

import pytest

from engine.domain import Amount
from engine.errors import ExpressionError, PackRefused
from engine.rules.decisions import (
    TIMESCALE_OUTPUTS,
    evaluate_table,
    parse_tables,
    timescale_findings,
    timescales_from,
)
from tests.builders.timescales import dmn

SMALL_AND_EVEN = [(("< 5",), ('"small"',)), (("2, 4, 6, 8",), ('"even"',))]
TIMESCALE = {
    "deadline": '"ppm"',
    "count_from": '"came_into_care_on, identified_on"',
    "amount": "10",
    "unit": '"working days"',
    "direction": '"after"',
    "kind": '"limit"',
    "met_by": '"last_ppm_held_on"',
    "opens_before": '"15 working days"',
    "rule": '"D-05 D-33"',
    "source_sentence": '"within 10 working days"',
    "source_ref": '"Practice guidance p1"',
    "assumption": "false",
}


def table_of(*rules, **how):
    return parse_tables(dmn(*rules, **how))["table"]


def decide(x, *rules, **how):
    return evaluate_table(table_of(*rules, **how), {"x": x}, {})


def findings_of(xml):
    with pytest.raises(PackRefused) as refused:
        parse_tables(xml, file="rules.dmn")
    return refused.value.findings


def timescale_table(**cells):
    row = {**TIMESCALE, **cells}
    return table_of((("-",), tuple(row.values())), outputs=tuple(row), policy="COLLECT")


class TestHitPolicy:
    def test_unique_gives_the_one_row(self):
        decision = decide(3, *SMALL_AND_EVEN)

        assert decision.result == {"out": "small"}
        assert [(m.index, m.rule_id) for m in decision.matched] == [(0, "row_1")]
        assert decision.inputs == {"x": 3}

    def test_unique_refuses_an_overlap(self):
        with pytest.raises(ExpressionError, match="rows 1 and 2 both apply"):
            decide(4, *SMALL_AND_EVEN)

    def test_unique_gives_null_where_no_row_applies(self):
        decision = decide(7, *SMALL_AND_EVEN)

        assert (decision.result, decision.matched) == (None, ())

    def test_first_gives_the_first_row(self):
        decision = decide(4, *SMALL_AND_EVEN, policy="FIRST")

        assert decision.result == {"out": "small"}
        assert [m.rule_id for m in decision.matched] == ["row_1"]

    def test_any_wants_the_rows_to_agree(self):
        agreeing = [(("< 5",), ('"a"',)), (("< 9",), ('"a"',))]

        assert decide(4, *agreeing, policy="ANY").result == {"out": "a"}
        with pytest.raises(ExpressionError, match="differ"):
            decide(4, *SMALL_AND_EVEN, policy="ANY")

    @pytest.mark.parametrize("policy", ["RULE ORDER", "COLLECT"])
    def test_collecting_gives_all_rows_in_order(self, policy):
        decision = decide(4, *SMALL_AND_EVEN, policy=policy)

        assert decision.result == [{"out": "small"}, {"out": "even"}]

    @pytest.mark.parametrize(
        ("aggregation", "value"), [("SUM", 7), ("MIN", 2), ("MAX", 5), ("COUNT", 2)]
    )
    def test_collecting_adds_up(self, aggregation, value):
        rows = [(("-",), ("2",)), (("-",), ("5",)), (("> 100",), ("50",))]

        decision = decide(1, *rows, policy="COLLECT", aggregation=aggregation)

        assert decision.result == value

    def test_adding_up_needs_numbers(self):
        with pytest.raises(ExpressionError, match="SUM needs numbers"):
            decide(4, *SMALL_AND_EVEN, policy="COLLECT", aggregation="SUM")


class TestEvaluate:
    def test_reads_a_list_as_alternatives(self):
        rows = [(('"C1","V2"',), ("true",)), (('not("C1","V2")',), ("false",))]

        assert decide("V2", *rows).result == {"out": True}
        assert decide("E1", *rows).result == {"out": False}

    def test_compares_with_other_facts_and_computes_outputs(self):
        table = table_of((("> limit",), ("x - limit",)))

        assert evaluate_table(table, {"x": 9, "limit": 5}, {}).result == {"out": 4}

    def test_reads_a_fact_that_is_unset_as_null(self):
        table = table_of((("null",), ('"unset"',)))

        assert evaluate_table(table, {"x": None}, {}).result == {"out": "unset"}

    def test_names_the_cell_that_fails(self):
        with pytest.raises(ExpressionError) as failed:
            decide("a", (("-",), ("1",)), (("> 3",), ("2",)))

        assert failed.value.why.startswith("table table, row 2, column 'x': ")


class TestParse:
    def test_names_table_row_and_column_of_every_bad_cell(self):
        findings = findings_of(dmn((("> > 1",), ('"a"',)), (("-",), ("a b",))))

        assert [(f.file, f.element, f.rule) for f in findings] == [
            ("rules.dmn", "table", "dmn-cell")
        ] * 2
        assert findings[0].message.startswith("Row 1, column 'x', cell '> > 1': at character 3")
        assert findings[1].message.startswith("Row 2, column 'out', cell 'a b': ")

    @pytest.mark.parametrize(
        ("how", "rule"),
        [
            ({"policy": "PRIORITY"}, "dmn-hit-policy"),
            ({"policy": "OUTPUT ORDER"}, "dmn-hit-policy"),
            ({"policy": "COLLECT", "aggregation": "MEDIAN"}, "dmn-hit-policy"),
            ({"inputs": ("x = 1",)}, "dmn-input"),
            ({"inputs": ("",)}, "dmn-input"),
            ({"inputs": ("x", "y")}, "dmn-cells"),
            ({"outputs": ("",)}, "dmn-output"),
            ({"extra": "<literalExpression><text>1</text></literalExpression>"}, "dmn-unsupported"),
            (
                {"extra": "<informationRequirement><requiredDecision/></informationRequirement>"},
                "dmn-unsupported",
            ),
        ],
    )
    def test_refuses_what_it_cannot_do(self, how, rule):
        findings = findings_of(dmn((("-",), ("1",)), **how))

        assert rule in [finding.rule for finding in findings]

    def test_refuses_rows_that_share_an_id_or_have_none(self):
        xml = dmn((("-",), ("1",)), (("-",), ("2",)))

        for wrong in (xml.replace(b"row_2", b"row_1"), xml.replace(b' id="row_2"', b"")):
            assert "dmn-rule-id" in [finding.rule for finding in findings_of(wrong)]

    def test_refuses_another_expression_language(self):
        xml = dmn((("-",), ("1",))).replace(
            b"<inputEntry>", b'<inputEntry expressionLanguage="javascript">'
        )

        [finding] = findings_of(xml)
        assert "'javascript' is not supported" in finding.message

    def test_refuses_a_file_without_decisions(self):
        [finding] = findings_of(b"<definitions/>")

        assert finding.rule == "dmn-empty"


class TestTimescales:
    def test_are_the_rows_that_apply(self):
        decision = evaluate_table(timescale_table(), {"x": 1}, {})

        [row] = timescales_from(decision)

        assert row.key == "table:row_1"
        assert row.count_from == ("came_into_care_on", "identified_on")
        assert (row.amount, row.direction) == (Amount(10, "working days"), "after")
        assert row.opens_before == Amount(15, "working days")
        assert row.rule_ids == ("D-05", "D-33")
        assert (row.met_by, row.assumption) == ("last_ppm_held_on", False)

    @pytest.mark.parametrize("cell", ['"at once"', "", '""'])
    def test_open_at_once(self, cell):
        [row] = timescales_from(evaluate_table(timescale_table(opens_before=cell), {"x": 1}, {}))

        assert row.opens_before is None

    def test_can_count_further_amounts_and_be_extended(self):
        more = timescale_table(
            then='"3 months after; 1 day before"',
            extended_by='"weeks_more"',
            not_before='"6 weeks"',
        )
        [row] = timescales_from(evaluate_table(more, {"x": 1}, {}))

        assert row.then == ((Amount(3, "months"), "after"), (Amount(1, "days"), "before"))
        assert (row.extended_by, row.not_before) == ("weeks_more", Amount(6, "weeks"))

    @pytest.mark.parametrize("cell", ['"3 months"', '"3 moons after"', '"soon"', "3"])
    def test_refuse_a_further_amount_that_is_none(self, cell):
        table = timescale_table(then=cell)

        with pytest.raises(ExpressionError, match=r"'then': write"):
            timescales_from(evaluate_table(table, {"x": 1}, {}))
        assert timescale_findings(table, file="timescales.dmn")

    def test_say_one_week_as_people_do(self):
        [row] = timescales_from(
            evaluate_table(timescale_table(amount="1", unit='"week"'), {"x": 1}, {})
        )

        assert row.amount == Amount(1, "weeks")

    @pytest.mark.parametrize(
        ("column", "cell"),
        [
            ("amount", '"10"'), ("amount", "-1"), ("amount", "1.5"), ("amount", "true"),
            ("amount", ""), ("amount", "99999"), ("unit", '"fortnights"'), ("unit", "5"),
            ("direction", '"around"'), ("kind", '"target"'), ("deadline", '"two words"'),
            ("count_from", '""'), ("count_from", '"a,,b"'), ("met_by", ""),
            ("opens_before", '"soon"'), ("opens_before", '"15"'), ("assumption", '"no"'),
            ("calendar", '"britain"'),
        ],
    )  # fmt: skip
    def test_name_row_and_column_of_a_wrong_cell(self, column, cell):
        table = timescale_table(**{column: cell})

        [finding] = timescale_findings(table, file="timescales.dmn")
        with pytest.raises(ExpressionError, match=f"row 1, column '{column}'"):
            timescales_from(evaluate_table(table, {"x": 1}, {}))

        assert (finding.element, finding.rule) == ("row_1", "timescale-cell")
        assert f"row 1, column '{column}'" in finding.message

    def test_miss_no_column(self):
        [finding] = timescale_findings(table_of((("-",), ("1",))), file="timescales.dmn")

        assert finding.rule == "timescale-column"
        assert all(name in finding.message for name in TIMESCALE_OUTPUTS)

    def test_have_no_column_that_says_nothing(self):
        [finding] = timescale_findings(timescale_table(calender='"wales"'), file="timescales.dmn")

        assert finding.rule == "timescale-column"
        assert "calender" in finding.message

    def test_are_well_when_they_are(self):
        assert timescale_findings(timescale_table(), file="timescales.dmn") == []

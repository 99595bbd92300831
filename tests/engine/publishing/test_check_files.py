"""Forms, tables and pack.toml broken once each; and everything broken at once."""

from pathlib import Path

import pytest

from engine.errors import Finding
from engine.publishing.check import check_definition, check_files
from engine.storage.published_versions import Definition
from tests.builders.small_pack import PACK, small_pack, table, with_change
from web.cli.pack_files import own_packs, read_pack
from workflows.permanence.domain import DOMAIN

VISIT = "forms/visit.json"
CASE = "forms/case.json"

FORMS = {
    "no JSON": (VISIT, '"type": "object"', '"type": object', "", "form", "cannot be read"),
    "no object": (VISIT, '"type": "object"', '"type": "array"', "", "form", '"type": "object"'),
    "no schema": (VISIT, '"maxLength": 400', '"maxLength": "400"', "", "form", "400"),
    "unknown fact": (VISIT, '"visited_on"', '"visited_no"', "visited", "unknown-fact",
        "Did you mean 'visited_on'?"),
    "fact of no shape": (VISIT, '"x-fact": "outcome"', '"x-fact": {"fct": 1}', "outcome",
        "unknown-fact", "must be the name of a fact"),
    "derived fact": (VISIT, '"visited_on"', '"first_known_on"', "visited", "derived-fact",
        "worked out from others"),
    "fact of another type": (VISIT, '"x-fact": "outcome"', '"x-fact": "visited_on"', "outcome",
        "fact-type", "another kind of answer"),
    "condition of a fact": (VISIT, "outcome != 'again'", "outcom != 'again'", "visited",
        "unknown-name", "Did you mean 'outcome'?"),
    "show when": (VISIT, "outcome == 'again'", "outcome = 'again'", "why", "expression",
        "write == to compare"),
    "check": (VISIT, "visited >= began_on", "visited >= begn_on", "visited", "unknown-name",
        "Did you mean 'began_on'?"),
    "check of no field": (VISIT, '"field": "visited"', '"field": "vistied"', "vistied",
        "unknown-field", "Did you mean 'visited'?"),
    "check without message": (VISIT, '"message": "Not before it began"', '"text": "No"', "",
        "form", "field, check and message"),
    "unknown section": (VISIT, '"x-section": "main"', '"x-section": "mian"', "outcome",
        "unknown-section", "Did you mean 'main'?"),
    "unknown date": (CASE, '"x-effective": "began"', '"x-effective": "start"', "began",
        "unknown-field", "no date of this form"),
    "unknown role": (CASE, '"x-role": "social_worker"', '"x-role": "social_wrker"', "worker",
        "unknown-role", "Did you mean 'social_worker'?"),
    "unknown widget": (CASE, '"x-widget": "user"', '"x-widget": "person"', "worker",
        "unknown-widget", "Use one of"),
    "required of nothing": (CASE, '"required": [\n  "began"', '"required": [\n  "begun"', "begun",
        "required", "Did you mean 'began'?"),
    "reference": (CASE, '"type": "object"', '"$ref": "http://example.org/f", "type": "object"',
        "", "form-reference", "$ref"),
    "pattern that looks ahead": (VISIT, "^[A-Z].*$", "^(?=a)b$", "why", "pattern",
        "cannot be used"),
    "pattern that is none": (VISIT, "^[A-Z].*$", "^[A-Z", "", "form", "pattern"),
    "pattern over long texts": (VISIT, '"maxLength": 400', '"maxLength": 20000', "why", "pattern",
        "maxLength of 500"),
}  # fmt: skip

TABLES = {
    "unknown fact in count_from": ({"count_from": '"begn_on"'}, "first_visit", "unknown-fact",
        "Did you mean 'began_on'?"),
    "extended by no number": ({"extended_by": '"outcome"'}, "first_visit", "unknown-fact",
        "no number of pack.toml"),
    "further amounts": ({"then": '"3 moons after"'}, "first_visit", "timescale-cell",
        "3 months after; 1 day before"),
    "met by no date": ({"met_by": '"outcome"'}, "first_visit", "unknown-fact", "no date fact"),
    "unit": ({"unit": '"fortnights"'}, "first_visit", "timescale-cell", "working days, days"),
    "amount": ({"amount": "-3"}, "first_visit", "timescale-cell", "whole number"),
    "cell": ({"amount": "ten"}, "first_visit", "unknown-name", "'ten'"),
    "cell of an escape": ({"amount": "__import__('os')"}, "timescales", "dmn-cell", "_"),
}  # fmt: skip

WORKED_OUT = (
    '[facts.second_on]\ntype = "date"\nlabel = "Second"\nworked_out = "{}"\n\n[facts.outcome]'
)

BOOKED = '[appointments.visit]\nday = "began_on"\nheld = "visited_on"\n{}\n[policies.P-1]'

PACK_TOML = {
    "appointment of no deadline": ("[policies.P-1]", BOOKED.format("").replace(".visit", ".vist"),
        "vist", "unknown-deadline", "Did you mean 'visit'?"),
    "appointment on no date": ("[policies.P-1]", BOOKED.format("").replace("began_on", "begn_on"),
        "visit", "unknown-fact", "Did you mean 'began_on'?"),
    "appointment at a code": ("[policies.P-1]", BOOKED.format('time = "began_on"'), "visit",
        "fact-type", "a date. Name a fact that is a text"),
    "appointment told to nobody": ("[policies.P-1]", BOOKED.format('tell = ["social_wrker"]'),
        "visit", "unknown-role", "Did you mean 'social_worker'?"),
    "appointment in no words": ("[policies.P-1]", BOOKED.format('booked = "On {wen}"'), "visit",
        "unknown-field", "names {wen}"),
    "appointment seen for no time": ("[policies.P-1]", BOOKED.format('seen_for = "a while"'),
        "visit", "seen-for", "Write an amount such as"),
    "message seen for no time": ("[policies.P-1]",
        '[messages.told]\nseen_for = "10 workdays"\n[policies.P-1]', "told", "seen-for",
        "[messages.told] has seen_for = '10 workdays'"),
    "no TOML": ('id = "small"', "id = ", "", "toml", "cannot be read"),
    "no entry": ('title = "A small pack"', "", "title", "missing", "no entry 'title'"),
    "id": ('id = "small"', 'id = "Small pack"', "id", "id", "small letters"),
    "opening process": ('process = "case"', 'process = "cse"', "cse", "unknown-process",
        "Did you mean 'case'?"),
    "opening form": ('form = "case"', 'form = "cass"', "cass", "unknown-form",
        "Did you mean 'case'?"),
    "opened by nobody": ('roles = ["social_worker", "team_manager"]', 'roles = ["boss"]', "boss",
        "unknown-role", "no such role"),
    "two kinds with one process": ("[policies.P-1]", '[kinds.panel]\ntitle = "Panel"\nprocess ='
        ' "case"\nform = "case"\n\n[policies.P-1]', "panel", "opening-start", "of its own"),
    "asked for what is not sent": ('notify = ["team_manager"]',
        'asks = { hwere = { title = "?" } }', "", "wrong kind",
        "messages.moved.asks names ['hwere'], not in its payload"),
    "asked with a word that means nothing": ('notify = ["team_manager"]',
        'asks = { where = { titel = "?" } }', "", "wrong kind", "messages.moved.asks.where has"),
    "a day of some length": ('notify = ["team_manager"]', 'asks = { moved_on = { longest = 3 } }',
        "", "wrong kind", "which only a text has"),
    "kinds in two spellings": ("[policies.P-1]", '[openings.panel]\ntitle = "Panel"\nprocess ='
        ' "case"\nform = "case"\n\n[policies.P-1]', "", "wrong kind", "write [kinds."),
    "a kind named by a fact that there is not": ('record = "Plan"', 'name = "nmae"', "nmae",
        "unknown-fact", "'kinds.child.name' is 'nmae'"),
    "a kind born on a text": ('record = "Plan"', 'born = "outcome"', "outcome", "fact-type",
        "must be a date"),
    "a kind of no such policy": ('record = "Plan"', 'policies = ["P-9"]', "P-9", "unknown-policy",
        "follows 'P-9'"),
    "a tracker that asks one case": ("[policies.P-1]", '[tracker.columns]\nd = { label = "D", value'
        """ = "limit_on('visit')" }\n[policies.P-1]""", "tracker", "unknown-function", "limit_on"),
    "message of no kind of case": ('notify = ["team_manager"]', 'kind = "panle"', "panle",
        "unknown-kind", "no such kind"),
    "message to no kind of case": ('notify = ["team_manager"]',
        'told_by = "diagrams"\nto = "panle"', "panle", "unknown-kind", "no such kind"),
    "message to one of many": ('notify = ["team_manager"]', 'told_by = "diagrams"\nto = "child"',
        "moved", "message-address", "one_at_a_time = true"),
    "t6 a bound of nothing": ('label = "Began"',
        'label = "Began"\nbounds = [{ check = "value <= tody()", refuse = "No" }]', "began_on",
        "unknown-function", "Did you mean 'today'?"),
    "t6 a bound that says nothing": ('label = "Began"',
        'label = "Began"\nbounds = [{ check = "value <= today()" }]', "", "wrong kind", "refuse"),
    "f5 the same by a fact that is not there": ('form = "case"',
        'form = "case"\nsame = [["begann_on"]]', "begann_on", "unknown-fact",
        "Did you mean 'began_on'?"),
    "f5 the same by a fact that no opening sets": ('form = "case"',
        'form = "case"\nsame = [["visited_on"]]', "visited_on", "same", "never sets"),
    "sittings of no day": ("[policies.P-1]", '[sittings.panel]\nevery = "3rd Monday"\n\n'
        "[policies.P-1]", "", "wrong kind", "sittings.panel.every must be such as"),
    "sittings that nobody plans": ("moved_on <= today()",
        "moved_on <= sitting_from('panel', today())", "moved_on", "unknown-sittings",
        "asks for the sittings 'panel'"),
    "no default policy": ("default = true", "default = false", "policies", "default-policy",
        "Mark exactly one"),
    "unallocated": ('unallocated_goes_to = "team_manager"', 'unallocated_goes_to = "boss"', "boss",
        "unknown-role", "no such role"),
    "role without its fact": ('[facts.social_worker]\ntype = "user"',
        '[facts.social_worker]\ntype = "text"', "social_worker", "unknown-fact", 'type = "user"'),
    "fact type": ('type = "code"', 'type = "choice"', "", "wrong kind", "must be one of"),
    "earliest of nothing": ('"began_on", "visited_on"]', '"began_on", "visited"]', "visited",
        "unknown-fact", "Did you mean 'visited_on'?"),
    "earliest of a text": ('"began_on", "visited_on"]', '"began_on", "outcome"]', "first_known_on",
        "fact-type", "both must be dates"),
    "worked out from nothing": ("[facts.outcome]", WORKED_OUT.format("add_days(begn_on, 3)"),
        "second_on", "unknown-name", "Did you mean 'began_on'?"),
    "worked out anew each day": ("[facts.outcome]", WORKED_OUT.format("earlier(began_on, today())"),
        "second_on", "function", "changes while the facts stay"),
    "worked out from itself": ("[facts.outcome]", WORKED_OUT.format("add_days(second_on, 3)"),
        "second_on", "order", "is worked out later"),
    "worked out and kept": ("[facts.outcome]",
        WORKED_OUT.format("began_on").replace("worked_out", "first = true\nworked_out"),
        "second_on", "fact-type", "nothing sets it"),
    "fact with a word's name": ("[facts.outcome]", "[facts.answers]", "answers", "id",
        "cannot be called"),
    "message sets nothing known": ("sets = { began_on =", "sets = { begun_on =", "begun_on",
        "unknown-fact", "Did you mean 'began_on'?"),
    "message sets from nothing": ('= "moved_on" }', '= "moved" }', "moved", "unknown-field",
        "payload does not have"),
    "message of a strange type": ('"text?"', '"txt?"', "moved", "payload-type", "Write one of"),
    "message tells nobody": ('notify = ["team_manager"]', 'notify = ["manager"]', "manager",
        "unknown-role", "no such role"),
    "calendar of nowhere": ("[deadlines]", '[calendar]\nof = "britain"\n\n[deadlines]', "",
        "wrong kind", "calendar.of must be one of england, wales"),
    "check of a message": ("moved_on <= today()", "moved_on <= todya()", "moved_on",
        "unknown-function", "Did you mean 'today'?"),
}  # fmt: skip

WARNINGS = {
    "typo in a form": (VISIT, '"x-show-when"', '"x-shw-when"', "why", "unknown-property",
        "Did you mean 'x-show-when'?"),
    "text of any length": (CASE, '"maxLength": 100,', "", "worker", "text-length", "Set maxLength"),
    "code without words": (VISIT, '"const": "well"', '"const": "wel"', "outcome", "unknown-value",
        "bare code"),
    "typo in pack.toml": ("pack.toml", "day_phrase", "day_phrse", "day_phrse", "unknown-entry",
        "Did you mean 'day_phrase'?"),
    "typo in the calendar": ("pack.toml", "[deadlines]", "[calendar]\nclosure = []\n\n[deadlines]",
        "closure", "unknown-entry", "Did you mean 'closures'?"),
    "label of no deadline": ("pack.toml", 'visit = "Visit"', 'vist = "Visit"', "vist",
        "unknown-deadline", "no such deadline"),
    "appointment seen by nobody more": ("pack.toml", "[policies.P-1]",
        BOOKED.format('seen_for = "2 weeks"\ntell = ["social_worker"]'), "visit", "seen-for",
        "tells nobody who sees more by it"),
    "table and label": ("timescales.dmn", "<text>10</text>", "<text>8</text>", "more",
        "amount-differs", "row 'first_visit' (D-01) says 8 working days. Change one of them."),
}  # fmt: skip


def find(files: dict[str, bytes]) -> list[Finding]:
    return check_files(files, domain=DOMAIN)


def expect_error(files: dict[str, bytes], path: str, element: str, rule: str, phrase: str) -> None:
    findings = find(files)
    wanted = ("error", path, element, rule)
    matching = [e for e in findings if (e.severity, e.file, e.element, e.rule) == wanted]
    assert matching, findings
    assert phrase in matching[0].message


@pytest.mark.parametrize("broken", FORMS)
def test_a_broken_form(broken: str) -> None:
    path, old, new, element, rule, phrase = FORMS[broken]
    expect_error(with_change(path, old, new), path, element, rule, phrase)


@pytest.mark.parametrize("broken", TABLES)
def test_a_broken_table(broken: str) -> None:
    cells, element, rule, phrase = TABLES[broken]
    files = {**small_pack(), "timescales.dmn": table(**cells).encode()}
    expect_error(files, "timescales.dmn", element, rule, phrase)


def test_a_row_for_a_policy_that_the_pack_does_not_have() -> None:
    files = with_change("timescales.dmn", '"P-1"', '"P-2"')
    expect_error(files, "timescales.dmn", "first_visit", "unknown-policy", "never applies")


@pytest.mark.parametrize("broken", PACK_TOML)
def test_a_broken_pack_toml(broken: str) -> None:
    old, new, element, rule, phrase = PACK_TOML[broken]
    expect_error(with_change("pack.toml", old, new), "pack.toml", element, rule, phrase)


@pytest.mark.parametrize("doubtful", WARNINGS)
def test_a_doubt_is_a_warning(doubtful: str) -> None:
    path, old, new, element, rule, phrase = WARNINGS[doubtful]
    matching = [
        each
        for each in find(with_change(path, old, new))
        if (each.element, each.rule, each.severity) == (element, rule, "warning")
    ]
    assert len(matching) == 1
    assert phrase in matching[0].message


def test_a_form_outside_its_folder() -> None:
    files = {**small_pack(), "extra.json": b'{"type": "object"}'}
    expect_error(files, "extra.json", "", "form-place", "forms/extra.json")


def test_a_file_that_no_pack_holds() -> None:
    expect_error({**small_pack(), "notes.docx": b"PK"}, "notes.docx", "", "file-kind", "no file of")


def test_too_many_files() -> None:
    files = {f"forms/f{number}.json": b"{}" for number in range(201)}
    assert [each.rule for each in find(files)] == ["file-count"]


def test_a_published_definition_needs_a_pack_toml() -> None:
    files = small_pack()
    del files["pack.toml"]
    findings = check_definition(Definition(files), domain=DOMAIN)
    assert ("pack.toml", "missing") in [(each.file, each.rule) for each in findings]


def test_one_good_file_alone_needs_no_pack() -> None:
    assert [find({path: data}) for path, data in small_pack().items() if path != "pack.toml"] == [
        [] for _ in range(7)
    ]


def test_a_pack_toml_alone_says_what_is_missing() -> None:
    rules = {each.rule for each in find({"pack.toml": PACK.encode()})}
    assert {"unknown-process", "unknown-form"} <= rules


def test_the_first_finding_hides_no_other() -> None:
    files = small_pack()
    changes = {
        "case.bpmn": ("answers.outcome", "().__class__"),
        "followup.bpmn": ("P1W", "P99999999999999999Y"),
        "pack.toml": ("default = true", "default = false"),
        "timescales.dmn": ('"began_on"', '"begn_on"'),
        VISIT: ('"x-fact": "outcome"', '"x-fact": "outcoem"'),
        CASE: ('"type": "object"', '"type": object'),
    }
    for path, (old, new) in changes.items():
        files[path] = files[path].replace(old.encode(), new.encode())
    files["missed.bpmn"] = files["missed.bpmn"][:900]
    files["more.bpmn"] = b"<!DOCTYPE x><x/>"
    told = {each.file for each in find(files) if each.severity == "error"}
    assert told == {*changes, "missed.bpmn", "more.bpmn"}


@pytest.mark.parametrize("folder", own_packs(), ids=lambda folder: folder.name)
def test_each_pack_that_ships_passes(folder: Path) -> None:
    assert find(read_pack(folder)) == []


@pytest.mark.parametrize("agrees", [True, False])
def test_an_amount_in_a_hint_is_held_against_the_table(agrees: bool) -> None:
    hint = f'"x-source": "D-01", "x-hint": "Within {10 if agrees else 8} working days"'
    files = with_change("forms/visit.json", '"title": "When?"', f'"title": "When?", {hint}')
    files["no_dry_run.txt"] = b""
    found = [each for each in check_files(files, domain=DOMAIN) if each.rule == "amount-differs"]
    assert [(each.element, each.severity) for each in found] == (
        [] if agrees else [("visited", "warning")]
    )

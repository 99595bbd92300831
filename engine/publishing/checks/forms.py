"""Forms: what their questions set, show and check, and that no answer can hold the server up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine.domain import FactType
from engine.packs.fact_rules import FactRule
from engine.packs.own_words import FIELD, FORM, WIDGETS
from engine.packs.patterns import PatternRefused, compile_pattern
from engine.publishing.checks import sittings
from engine.publishing.checks.language import Vocabulary, vocabulary, with_types
from engine.publishing.checks.reading import Material, Report, listed, shortened, suggestion

MAX_TEXT = 20_000
MAX_PATTERN = 200
MAX_PATTERN_ANSWER = 500

_REFUSED = ("$ref", "$dynamicRef", "$recursiveRef", "patternProperties", "propertyNames")
_INNER = ("items", "not", "if", "then", "else", "contains", "additionalProperties")
_INNER_LISTS = ("oneOf", "anyOf", "allOf", "prefixItems")
_FITS = {
    "date": ("string",),
    "code": ("string",),
    "text": ("string",),
    "user": ("string",),
    "boolean": ("boolean",),
    "number": ("number", "integer"),
    "list": ("array",),
}


def check(material: Material, report: Report) -> None:
    """Report what is wrong with one form."""
    form_id = report.file.rsplit("/", 1)[-1].removesuffix(".json")
    schema = material.forms.get(form_id) if report.file.endswith(".json") else None
    if schema is None:
        return
    _check_words(schema, FORM, "", report)
    for name, part in _parts(schema, ""):
        _check_part(name, part, report)
    fields = schema.get("properties", {})
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,99}", form_id):
        message = f"The form is called {form_id[:100]!r}. Name the file with letters, digits and _."
        report.error("", "id", message)
    _check_drafted_by(material, schema.get("x-drafted-by", []), report)
    words = with_types(vocabulary(material, fields), fields)
    sections = _sections(schema, report)
    for name, field in fields.items():
        if not isinstance(field, dict):
            message = f"The question '{name}' must be written as a group of settings in {{ }}."
            report.error(name, "form", message)
            continue
        _check_field(material, schema, name, field, words, report)
        section = field.get("x-section")
        if section is not None and str(section) not in sections:
            message = (
                f"The question '{name}' stands in the section '{section}', which x-sections does"
                f" not list. Add it there.{suggestion(str(section), sections)}"
            )
            report.error(name, "unknown-section", message)
    sittings.check(material, schema, report)
    _check_required(schema, "", report)
    _check_checks(schema, words, report)
    _check_waiting(schema, words, report)


def _check_drafted_by(material: Material, roles: object, report: Report) -> None:
    if not isinstance(roles, list) or not all(isinstance(each, str) for each in roles):
        report.error("", "form", "x-drafted-by must be a list of roles. Put them into [ ].")
        return
    pack = material.pack
    for role in roles:
        if pack is not None and role not in pack.roles:
            message = (
                f"The form may be drafted by '{shortened(role)}', which is no role of pack.toml."
                f" Use one of {listed(pack.roles)}.{suggestion(role, pack.roles)}"
            )
            report.error("", "unknown-role", message)


def _parts(schema: Mapping[str, Any], name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (question, part) for every schema in a form, itself included; reading bounds it."""
    todo: list[tuple[str, Any]] = [(name, schema)]
    while todo:
        name, part = todo.pop()
        if not isinstance(part, dict):
            continue
        yield name, part
        for key in ("properties", "patternProperties", "$defs", "dependentSchemas"):
            inner = part.get(key)
            if isinstance(inner, dict):
                todo += [(f"{name}.{each}" if name else each, inner[each]) for each in inner]
        todo += [(name, part[key]) for key in _INNER if key in part]
        for key in _INNER_LISTS:
            if isinstance(part.get(key), list):
                todo += [(name, each) for each in part[key]]


def _check_part(name: str, part: Mapping[str, Any], report: Report) -> None:
    question = f"The question '{shortened(name)}'" if name else "The form"
    for word in _REFUSED:
        if word in part:
            message = (
                f"{question} uses {word}, which forms cannot. Write what is meant in its place."
            )
            report.error(name, "form-reference", message)
    if not isinstance(part.get("x-show-when", ""), str):
        message = f"{question} has an x-show-when that is no text. Write the condition in quotes."
        report.error(name, "form", message)
    if "pattern" in part:
        why = _why_no_pattern(part)
        if why:
            message = f"{question} has a pattern that {why}. Simplify it, or leave it out."
            report.error(name, "pattern", message)
    most = part.get("maxLength")
    bounded = {"oneOf", "anyOf", "enum", "const", "format", "x-options-from"} & part.keys()
    if part.get("type") == "string" and not bounded and (most is None or most > MAX_TEXT):
        message = f"{question} takes text of any length. Set maxLength, at most {MAX_TEXT}."
        report.warn(name, "text-length", message)
    if name and part.get("type") == "object":
        _check_required(part, name, report)


def _why_no_pattern(part: Mapping[str, Any]) -> str:
    pattern, most = str(part["pattern"]), part.get("maxLength")
    if len(pattern) > MAX_PATTERN:
        return f"is longer than {MAX_PATTERN} characters"
    try:
        compile_pattern(pattern)
    except PatternRefused as error:
        return f"cannot be used ({error})"
    if not isinstance(most, int) or most > MAX_PATTERN_ANSWER:
        return f"needs a maxLength of {MAX_PATTERN_ANSWER} or fewer beside it"
    return ""


def _check_words(
    part: Mapping[str, Any], known: Mapping[str, str], name: str, report: Report
) -> None:
    for word in part:
        if word.startswith("x-") and word not in known:
            where = f"The question '{shortened(name)}'" if name else "The form"
            message = (
                f"{where} has '{shortened(word)}', which means nothing here. Delete it, or mend"
                f" its name.{suggestion(word, known)}"
            )
            report.warn(name, "unknown-property", message)


def _check_field(
    material: Material,
    schema: Mapping[str, Any],
    name: str,
    field: Mapping[str, Any],
    words: Vocabulary,
    report: Report,
) -> None:
    _check_words(field, FIELD, name, report)
    if not isinstance(field.get("title"), str):
        message = f"The question '{name}' has no title, so nobody knows what it asks. Write one."
        report.warn(name, "no-name", message)
    if "x-widget" in field and str(field["x-widget"]) not in WIDGETS:
        message = (
            f"The question '{name}' is shown as '{shortened(str(field['x-widget']))}'. Use one of"
            f" {listed(WIDGETS)}."
        )
        report.error(name, "unknown-widget", message)
    role, pack = field.get("x-role"), material.pack
    if role is not None and pack is not None and str(role) not in pack.roles:
        message = (
            f"The question '{name}' asks for a '{shortened(str(role))}', which is no role of"
            f" pack.toml. Use one of {listed(pack.roles)}.{suggestion(str(role), pack.roles)}"
        )
        report.error(name, "unknown-role", message)
    if "x-show-when" in field:
        what = f"x-show-when of the question '{name}'"
        words.check_condition(report, name, str(field["x-show-when"]), what)
    _check_opening(material, name, field, report)
    dated = field.get("x-effective")
    dating = schema.get("properties", {}).get(dated) if isinstance(dated, str) else None
    if dated is not None and (not isinstance(dating, dict) or dating.get("format") != "date"):
        message = (
            f"The question '{name}' is dated by '{shortened(str(dated))}', which is no date of this"
            " form. Name a question that asks for a date."
        )
        report.error(name, "unknown-field", message)
    for rule in _facts(name, field.get("x-fact"), report):
        of = f"of x-fact of the question '{name}'"
        if rule.when:
            words.check_condition(report, name, rule.when, f"the condition {of}")
        if rule.value:
            words.check(report, name, rule.value, f"the value {of}")
        if pack is not None:
            _check_fact(pack.facts, name, field, rule, report)
    if isinstance(field.get("items"), dict):
        _check_columns(material, name, field["items"], words, report)


def _check_opening(
    material: Material,
    name: str,
    field: Mapping[str, Any],
    report: Report,
) -> None:
    """Report what is wrong with the options that a question takes from a table, and its start."""
    if "x-opens-with" in field:
        what = f"x-opens-with of the question '{name}'"  # nothing is typed yet: facts only
        vocabulary(material).check(report, name, str(field["x-opens-with"]), what)
    if "x-options-from" not in field:
        return
    table = field["x-options-from"]
    if isinstance(table, str) and table.startswith("="):
        what = f"x-options-from of the question '{name}'"
        vocabulary(material).check(report, name, table[1:], what)
        return
    tables = {id: each for known in material.tables.values() for id, each in known.items()}
    found = tables.get(table) if isinstance(table, str) else None
    if found is None and material.complete and not material.unread_tables:
        message = (
            f"The question '{name}' takes its options from the table '{shortened(str(table))}',"
            f" which is in no .dmn file. Use one of {listed(tables)}."
            f"{suggestion(str(table), tables)}"
        )
        report.error(name, "unknown-decision", message)
    if found is not None and (found.hit_policy != "COLLECT" or "option" not in found.outputs):
        message = (
            f"The question '{name}' takes its options from the table '{found.id}', which gives"
            " none. Let it collect its rows, and name an output option."
        )
        report.error(name, "unknown-decision", message)


def _check_columns(
    material: Material, name: str, items: Mapping[str, Any], words: Vocabulary, report: Report
) -> None:
    columns = items.get("properties", {})
    if words.names is not None:
        words = replace(words, names=frozenset({*words.names, *columns}))
    words = with_types(words, columns)
    for column, inner in columns.items():
        if not isinstance(inner, dict):
            continue
        _check_words(inner, FIELD, f"{name}.{column}", report)
        if "x-fact" in inner:
            message = (
                f"The column '{column}' of '{name}' sets a fact; only questions do. Delete it."
            )
            report.error(name, "unknown-fact", message)
        _check_opening(material, f"{name}.{column}", inner, report)
        if "x-show-when" in inner:
            what = f"x-show-when of the column '{column}' of '{name}'"
            words.check_condition(report, name, str(inner["x-show-when"]), what)


def _facts(name: str, declared: object, report: Report) -> Iterator[FactRule]:
    if declared is None:
        return
    for each in declared if isinstance(declared, list) else [declared]:
        if isinstance(each, str):
            yield FactRule(each)
        elif (
            isinstance(declared, list)
            and isinstance(each, dict)
            and isinstance(each.get("fact"), str)
            and all(isinstance(each.get(key, ""), str) for key in ("when", "value"))
            and isinstance(each.get("unset", False), bool)
        ):
            when, value = each.get("when", ""), each.get("value", "")
            yield FactRule(each["fact"], when, value, each.get("unset", False))
        else:
            message = (
                f"x-fact of the question '{name}' must be the name of a fact, or a list of names"
                ' or of {"fact": …, "when": …, "value": …, "unset": true}.'
            )
            report.error(name, "unknown-fact", message)


def _check_fact(
    facts: Mapping[str, FactType],
    name: str,
    field: Mapping[str, Any],
    rule: FactRule,
    report: Report,
) -> None:
    fact, kind = rule.fact, facts.get(rule.fact)
    if kind is None:
        message = (
            f"The question '{name}' sets the fact '{shortened(fact)}', which pack.toml does not"
            f" have. Add it there, or mend the name.{suggestion(fact, facts)}"
        )
        report.error(name, "unknown-fact", message)
        return
    if kind.derived:
        message = (
            f"The question '{name}' sets the fact '{fact}', which is worked out from others. Set"
            f" one of those: {', '.join(kind.bases)}."
        )
        report.error(name, "derived-fact", message)
    if rule.value or rule.unset:
        return  # worked out or taken back, whatever the question asks for
    asked = field.get("type")
    fits = asked is None or str(asked) in _FITS[kind.type]
    if kind.type == "date":
        fits = field.get("format") == "date"
    if not fits:
        message = (
            f"The question '{name}' sets the fact '{fact}', a {kind.type}, but asks for another"
            " kind of answer. Change the question's type, or the fact's."
        )
        report.error(name, "fact-type", message)
    offered = field.get("oneOf")
    for choice in offered if kind.values and isinstance(offered, list) else ():
        code = choice.get("const") if isinstance(choice, dict) else None
        if code is not None and str(code) not in kind.values:
            message = (
                f"The question '{name}' offers '{shortened(str(code))}', which is no value of the"
                f" fact '{fact}' in pack.toml, so pages would show the bare code. Add it there."
            )
            report.warn(name, "unknown-value", message)


def _sections(schema: Mapping[str, Any], report: Report) -> set[str]:
    found: set[str] = set()
    declared = schema.get("x-sections", [])
    for each in declared if isinstance(declared, list) else [None]:
        if isinstance(each, dict) and isinstance(each.get("id"), str) and "title" in each:
            found.add(each["id"])
        else:
            message = 'x-sections must be a list of {"id": …, "title": …}. Mend it.'
            report.error("", "form", message)
    return found


def _check_required(part: Mapping[str, Any], name: str, report: Report) -> None:
    for each in part.get("required", ()):
        if each not in part.get("properties", {}):
            where = f" of '{name}'" if name else ""
            message = (
                f"'{shortened(str(each))}' is required, but no question{where} is called that, so"
                f" nobody could answer.{suggestion(str(each), part.get('properties', {}))}"
                " Add the question, or take it off the list."
            )
            report.error(name or str(each)[:100], "required", message)


def _check_waiting(schema: Mapping[str, Any], words: Vocabulary, report: Report) -> None:
    for place, rule in enumerate(schema.get("x-waits-for", []), start=1):
        if not isinstance(rule, Mapping) or not all(
            isinstance(rule.get(key), str) for key in ("check", "message")
        ):
            message = f"Entry {place} of x-waits-for needs the texts check and message. Add them."
            report.error("", "form", message)
            continue
        words.check_condition(report, "x-waits-for", rule["check"], f"entry {place} of x-waits-for")


def _check_checks(schema: Mapping[str, Any], words: Vocabulary, report: Report) -> None:
    declared = schema.get("x-checks", [])
    if not isinstance(declared, list):
        report.error("", "form", "x-checks must be a list of checks. Put it into [ ].")
        return
    check_rules(declared, set(schema.get("properties", {})), words, report)


def check_rules(
    rules: list[Any], fields: set[str], words: Vocabulary, report: Report, *, of: str = ""
) -> None:
    """Report what is wrong with checks of a form or a message: field, check, message."""
    for place, rule in enumerate(rules, start=1):
        keys = ("field", "check", "message")
        if not isinstance(rule, Mapping) or not all(isinstance(rule.get(k), str) for k in keys):
            message = f"Check {place}{of} needs the texts field, check and message. Add them."
            report.error("", "form", message)
            continue
        if rule["field"] not in fields:
            message = (
                f"Check {place}{of} is about '{shortened(rule['field'])}', which is not asked."
                f" Name the question it is about.{suggestion(rule['field'], fields)}"
            )
            report.error(rule["field"][:100], "unknown-field", message)
        what = f"check {place}{of} of '{shortened(rule['field'])}'"
        words.check_condition(report, rule["field"][:100], rule["check"], what)

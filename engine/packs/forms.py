"""A pack's forms: JSON Schema with our `x-` keywords; what they ask, check and set.

A form is validated against a closed registry (no `$ref` leaves the file) and answers with one
message per field that a person can act on.
"""

from __future__ import annotations

import hashlib
import json
import keyword
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import jsonschema
import referencing

from engine.domain import JsonValue
from engine.errors import ExpressionError
from engine.packs import form_messages
from engine.packs.fact_rules import FactRule, rules_of
from engine.packs.form_formats import CHECKER
from engine.packs.patterns import FormValidator
from engine.packs.typed_text import cleaned

MAX_ANSWERS = 400_000
"""Characters of all answers of one form together, as JSON."""

MOST_A_PAGE = 20
"""Questions of a form with sections that stand on one page."""

MAX_REMEMBERED = 10_000
"""Files of which it is remembered that they hold a JSON Schema."""

_sound: set[bytes] = set()
"""SHA-256 of those files."""
_NEVER_KEPT = re.compile("[\0\ud800-\udfff]")
NOT_KEPT = "“{}” holds characters that cannot be kept. Type it again."

Evaluate = Callable[[str, Mapping[str, object]], object]
"""(expression, the form's own fields by name) -> value."""


@dataclass(frozen=True)
class Field:
    """One question. `options` and `columns` are in the form's order."""

    name: str
    title: str
    widget: str
    hint: str
    source: str
    section: str
    required: bool
    options: tuple[tuple[str, str], ...]
    columns: tuple[Field, ...]
    show_when: str
    role: str
    carry: bool
    personal: bool
    facts: tuple[FactRule, ...]
    effective: str
    default: JsonValue
    opens_with: str
    fixed: bool
    other: str = ""
    """What an answer that is none of the options is called; "" if none is taken."""

    asked: str = ""
    """What it asks for, to begin a message with: "The date of the meeting"."""


@dataclass(frozen=True)
class Form:
    """One form of a pack, as its JSON says."""

    id: str
    schema: Mapping[str, Any]

    @property
    def title(self) -> str:
        return str(self.schema.get("title", self.id))

    @property
    def intro(self) -> str:
        return str(self.schema.get("x-intro", ""))

    @property
    def sections(self) -> list[dict[str, str]]:
        """Sections in order: id, title, perhaps hint."""
        return list(self.schema.get("x-sections", []))

    @property
    def section_ids(self) -> list[str]:
        """Sections that have questions, in order; "" is that of questions without one."""
        listed = [each["id"] for each in self.sections]
        used = {field.section for field in self.fields}
        others = [each for each in dict.fromkeys(f.section for f in self.fields) if each]
        return [each for each in dict.fromkeys(("", *listed, *others)) if each in used]

    @property
    def has_pages(self) -> bool:
        """Whether each section has a page of its own."""
        return len(self.section_ids) > 1 and len(self.fields) > MOST_A_PAGE

    def names_in(self, section: str) -> list[str]:
        """Return the names of a section's questions."""
        return [field.name for field in self.fields if field.section == section]

    @property
    def drafted_by(self) -> frozenset[str]:
        """Roles whose people in the case may write a draft of this form for whoever submits it."""
        return frozenset(self.schema.get("x-drafted-by", ()))

    @property
    def checks(self) -> list[dict[str, str]]:
        """Rules over several fields: field, check (an expression that must be true), message."""
        return list(self.schema.get("x-checks", []))

    @property
    def waits_for(self) -> list[dict[str, str]]:
        """What must be true before it can be completed (`x-waits-for`): check, message."""
        return list(self.schema.get("x-waits-for", []))

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        required = set(self.schema.get("required", ()))
        return tuple(
            _field(name, schema, name in required)
            for name, schema in self.schema.get("properties", {}).items()
        )

    @cached_property
    def widgets(self) -> frozenset[str]:
        """The widgets of its questions: what has to be read before it can be asked."""
        return frozenset(field.widget for field in self.fields)

    @cached_property
    def asks_tables(self) -> bool:
        """Whether a table of the pack offers the options of a question or of a column."""
        return any(map(_asks_table, self.schema.get("properties", {}).values()))

    @cached_property
    def _validator(self) -> Any:
        return FormValidator(
            self.schema,
            registry=referencing.Registry(),
            format_checker=CHECKER,
        )

    def named_values(self, answers: Mapping[str, JsonValue]) -> dict[str, object]:
        """Return every field by name as expressions read it: dates as dates, unset as None."""
        return {
            spoken_name(field.name): _value(field, answers.get(field.name)) for field in self.fields
        }

    def problems(self, answers: Mapping[str, JsonValue], evaluate: Evaluate) -> dict[str, str]:
        """Return field -> message for everything wrong with `answers`; empty when all is well.

        A row's field is named `options.0.reason`. Fields and types first; the form's own checks
        only when those hold.
        """
        if len(json.dumps(answers, default=str)) > MAX_ANSWERS:
            longest = max(answers, key=lambda name: len(json.dumps(answers[name], default=str)))
            return {longest: "The answers are too long together. Shorten this one and try again."}
        problems = {
            name: "This form has no such question. Leave it out."
            for name in answers
            if name not in self.schema.get("properties", {})
        }
        titles = {field.name: field.title for field in self.fields}
        for name, value in answers.items():
            if not can_be_kept([name, value]):
                problems[name] = NOT_KEPT.format(titles.get(name, "This"))
        for error in self._validator.iter_errors(answers):
            for name, message in self._explain(error):
                problems.setdefault(name, message)
        if problems:
            return problems
        values = self.named_values(answers)
        for check in self.checks:
            if check["field"] not in problems and evaluate(check["check"], values) is not True:
                problems[check["field"]] = check["message"]
        return problems

    def _explain(self, error: jsonschema.ValidationError) -> Iterator[tuple[str, str]]:
        path = [str(part) for part in error.absolute_path]
        schema: Any = error.schema
        if error.validator == "required":
            owner = schema.get("properties", {})
            missing: Any = error.validator_value
            for name in missing:
                if isinstance(error.instance, Mapping) and name not in error.instance:
                    title = owner.get(name, {}).get("title", name)
                    yield ".".join([*path, name]), form_messages.missing(owner.get(name, {}), title)
            return
        if error.validator == "additionalProperties" and not path:
            return
        title = str(schema.get("title", path[-1] if path else "The form"))
        empty = error.validator in ("minItems", "minLength")
        message = (
            form_messages.missing(schema, title)
            if empty
            else form_messages.wrong(error, form_messages.asked(schema, title))
        )
        yield ".".join(path) or "answers", message


def is_asked(field: Field, values: Mapping[str, object], evaluate: Evaluate) -> bool:
    """Return whether a question is asked (`x-show-when`) while the form's fields have `values`."""
    if not field.show_when:
        return True
    try:
        return bool(evaluate(field.show_when, values))
    except ExpressionError:
        # A draft may hold what could not be read: rather ask than lose an answer.
        return True


def parse_form(form_id: str, data: bytes) -> Form:
    """Read one form file.

    Raises:
        ValueError: not JSON, or not a JSON Schema; the text says where.
    """
    schema = json.loads(data.decode("utf-8"))
    if not isinstance(schema, dict) or schema.get("type") != "object":
        raise ValueError('a form must be a JSON object with "type": "object"')
    if hashlib.sha256(data).digest() not in _sound:
        try:
            jsonschema.Draft202012Validator.check_schema(schema)
        except jsonschema.SchemaError as error:
            raise ValueError(f"{error.json_path}: {error.message}") from error
        take_as_sound(data)
    return Form(form_id, schema)


def spoken_name(name: str) -> str:
    """Return how expressions name a field: `from` is a word of the language, so `from_` is said."""
    return f"{name}_" if keyword.iskeyword(name) else name


def take_as_sound(data: bytes) -> None:
    """Remember that a file holds a JSON Schema: to find out takes longer than all else about it."""
    if len(_sound) >= MAX_REMEMBERED:
        _sound.clear()
    _sound.add(hashlib.sha256(data).digest())


def _asks_table(field: object) -> bool:
    if not isinstance(field, dict):
        return False
    items = field.get("items")
    columns = items.get("properties", {}).values() if isinstance(items, dict) else ()
    return any("x-options-from" in each for each in (field, *columns))


def can_be_kept(value: object) -> bool:
    """Return whether every text in `value` is one that a database keeps.

    JSON can spell a zero character, which PostgreSQL refuses, and half of a surrogate pair, which
    is no text in UTF-8.
    """
    if isinstance(value, str):
        return _NEVER_KEPT.search(value) is None
    if isinstance(value, Mapping):
        return all(can_be_kept(name) and can_be_kept(inner) for name, inner in value.items())
    if isinstance(value, list):
        return all(map(can_be_kept, value))
    return True


def without_blanks(answers: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return `answers` cleaned, without what was left empty: null, "", empty lists and rows."""
    given = {name: _without_blank(value) for name, value in answers.items()}
    return {name: kept for name, kept in given.items() if kept not in (None, "", [], {})}


def _without_blank(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return cleaned(value)
    if isinstance(value, Mapping):
        return without_blanks(value)
    if isinstance(value, list):
        return [kept for kept in map(_without_blank, value) if kept not in (None, "", {})]
    return value


def _value(field: Field, value: JsonValue) -> object:
    if field.widget == "date" and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return value


def _field(name: str, schema: Mapping[str, Any], required: bool) -> Field:
    items = schema.get("items", {})
    inner_required = set(items.get("required", ()))
    offered = (schema.get(key) or items.get(key) for key in ("oneOf", "anyOf"))
    choices = [each for each in next(filter(None, offered), []) if "const" in each]
    return Field(
        name=name,
        title=str(schema.get("title", name.replace("_", " ").capitalize())),
        widget=_widget(schema),
        hint=str(schema.get("x-hint", "")),
        source=str(schema.get("x-source", "")),
        section=str(schema.get("x-section", "")),
        required=required,
        options=tuple(
            (str(each["const"]), str(each.get("title", each["const"]))) for each in choices
        ),
        columns=tuple(
            _field(column, inner, column in inner_required)
            for column, inner in items.get("properties", {}).items()
        ),
        show_when=str(schema.get("x-show-when", "")),
        role=str(schema.get("x-role", "")),
        carry=bool(schema.get("x-carry", False)),
        personal=bool(schema.get("x-personal", False)),
        facts=tuple(rules_of(schema.get("x-fact"))),
        effective=str(schema.get("x-effective", "")),
        default=schema.get("x-default"),
        opens_with=str(schema.get("x-opens-with", "")),
        fixed=bool(schema.get("x-fixed", False)),
        other=str(schema.get("x-other", "")),
        asked=form_messages.asked(
            schema, str(schema.get("title", name.replace("_", " ").capitalize()))
        ),
    )


def _widget(schema: Mapping[str, Any]) -> str:
    declared = schema.get("x-widget")
    if declared:
        return str(declared)
    kind = schema.get("type")
    if kind == "boolean":
        return "yes_no"
    if kind == "array":
        return "rows" if schema.get("items", {}).get("type") == "object" else "checkboxes"
    if schema.get("format") == "date":
        return "date"
    if "oneOf" in schema:
        return "radios" if len(schema["oneOf"]) <= 8 else "select"
    return "textarea" if int(schema.get("maxLength", 0)) > 250 else "text"

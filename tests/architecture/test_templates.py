"""Rules about the templates that no linter for them states.

djlint knows HTML and formats, but wraps no line and does not follow a name from one template to
another; curlylint is kept no longer; j2lint is about templates of configuration files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import nodes

from web import pages
from web.request import filters

FOLDER = Path(__file__).parents[2] / "web/templates"
LONGEST = 100
GIVEN = {"csrf_token", "openings", "shown_to"}
"""What every template may call that is bound to a database or a session."""

Sources = Mapping[str, str]
"""Template's name -> its text."""


@cache
def sources() -> Sources:
    files = sorted(FOLDER.rglob("*.html"))
    return {file.relative_to(FOLDER).as_posix(): file.read_text("utf-8") for file in files}


@cache
def app() -> Flask:
    """The pages' routes and filters, without a database behind them."""
    app = Flask("web")
    pages.add_to(app)
    filters.add_to(app)
    return app


@cache
def parse(text: str) -> nodes.Template:
    return app().jinja_env.parse(text)


@cache
def routes() -> Mapping[str, list[set[str]]]:
    """Return endpoint -> for each of its rules the arguments that an address needs."""
    found: dict[str, list[set[str]]] = {}
    for rule in app().url_map.iter_rules():
        found.setdefault(rule.endpoint, []).append(set(rule.arguments) - set(rule.defaults or ()))
    return found


def untidy_lines(texts: Sources) -> Iterator[str]:
    """Yield the lines that are too long or end in spaces."""
    for name, text in texts.items():
        for number, line in enumerate(text.split("\n"), 1):
            if len(line) > LONGEST or line != line.rstrip():
                yield f"{name}:{number}"


def names_read(tree: nodes.Node) -> set[str]:
    return {each.name for each in tree.find_all(nodes.Name) if each.ctx == "load"}


def imported(tree: nodes.Template) -> Iterator[tuple[str, str, str]]:
    """Yield template, what is taken from it ("" for all of it), and its name here."""
    for each in tree.find_all(nodes.FromImport):
        for item in each.names:
            taken, here = (item, item) if isinstance(item, str) else item
            yield _constant(each.template), taken, here
    for whole in tree.find_all(nodes.Import):
        yield _constant(whole.template), "", whole.target


def _constant(node: nodes.Expr) -> str:
    return str(node.value) if isinstance(node, nodes.Const) else ""


def unused_imports(texts: Sources) -> Iterator[str]:
    for name, text in texts.items():
        tree = parse(text)
        read = names_read(tree)
        yield from (f"{name}: {here}" for _, _, here in imported(tree) if here not in read)


def borrowed_macros(texts: Sources) -> Iterator[str]:
    """Yield what a template calls and has not imported: it works where the includer has."""
    known = GIVEN | set(app().jinja_env.globals)
    for name, text in texts.items():
        tree = parse(text)
        bound = {each.name for each in tree.find_all(nodes.Name) if each.ctx != "load"}
        bound |= {macro.name for macro in tree.find_all(nodes.Macro)}
        bound |= {here for _, _, here in imported(tree)}
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name not in bound | known:
                yield f"{name}:{call.lineno}: {call.node.name}"


def unused_macros(texts: Sources) -> Iterator[str]:
    """Yield the macros that neither their own template nor another one calls."""
    taken = set()
    for text in texts.values():
        tree = parse(text)
        whole = {here: source for source, item, here in imported(tree) if not item}
        taken |= {(source, item) for source, item, _ in imported(tree) if item}
        for each in tree.find_all(nodes.Getattr):
            if isinstance(each.node, nodes.Name) and each.node.name in whole:
                taken.add((whole[each.node.name], each.attr))
    for name, text in texts.items():
        tree = parse(text)
        for macro in tree.find_all(nodes.Macro):
            if macro.name not in names_read(tree) and (name, macro.name) not in taken:
                yield f"{name}: {macro.name}"


def unread_parameters(texts: Sources) -> Iterator[str]:
    for name, text in texts.items():
        for macro in parse(text).find_all(nodes.Macro):
            read = names_read(nodes.Template(macro.body))
            yield from (f"{name}: {macro.name}({p.name})" for p in macro.args if p.name not in read)


def broken_addresses(texts: Sources) -> Iterator[str]:
    """Yield the calls of url_for that name no route, or not all that its address needs."""
    for name, text in texts.items():
        for call in parse(text).find_all(nodes.Call):
            if not isinstance(call.node, nodes.Name) or call.node.name != "url_for":
                continue
            endpoint = call.args[0]
            if not isinstance(endpoint, nodes.Const) or endpoint.value == "static":
                continue
            given = {each.key for each in call.kwargs}
            needs = routes().get(endpoint.value, [])
            if not any(each <= given or call.dyn_kwargs for each in needs):
                yield f"{name}:{call.lineno}: {endpoint.value}"


class TestTemplates:
    def test_have_lines_that_fit(self) -> None:
        assert list(untidy_lines(sources())) == []

    def test_use_what_they_import(self) -> None:
        assert list(unused_imports(sources())) == []

    def test_import_what_they_call(self) -> None:
        assert list(borrowed_macros(sources())) == []

    def test_have_no_macro_that_nobody_calls(self) -> None:
        assert list(unused_macros(sources())) == []

    def test_read_every_parameter_of_a_macro(self) -> None:
        assert list(unread_parameters(sources())) == []

    def test_link_to_what_is_there(self) -> None:
        assert list(broken_addresses(sources())) == []


class TestTheSearchesThemselves:
    @pytest.mark.parametrize("line", ["x" * (LONGEST + 1), "x ", "\t"])
    def test_find_an_untidy_line(self, line: str) -> None:
        assert list(untidy_lines({"a.html": f"fine\n{line}\n{'x' * LONGEST}"})) == ["a.html:2"]

    def test_find_an_unused_import(self) -> None:
        text = """{% from "b.html" import one, two as other, three %}{{ one() }}
            {% import "c.html" as all %}{% import "d.html" as rest %}{{ rest.any() }}
            {% set three = 3 %}{% block inner %}{% endblock %}"""

        found = list(unused_imports({"a.html": text}))

        assert found == ["a.html: other", "a.html: three", "a.html: all"]

    def test_find_a_macro_that_only_the_includer_imports(self) -> None:
        text = """{% from "b.html" import one %}{{ one() }}{{ two() }}{{ plural(1) }}
            {{ url_for("cases.show") }}{% macro own(f) %}{{ f() }}{% endmacro %}{{ own() }}"""

        assert list(borrowed_macros({"a.html": text})) == ["a.html:1: two"]

    def test_find_a_macro_that_nobody_calls(self) -> None:
        macros = [f"{{% macro {name}() %}}{{% endmacro %}}" for name in ("a", "b", "c", "d")]
        user = '{% from "m.html" import b %}{% import "m.html" as m %}{{ m.c() }}{{ d() }}'

        found = unused_macros({"m.html": "".join(macros) + "{{ a() }}", "user.html": user})

        assert list(found) == ["m.html: d"]

    def test_find_a_parameter_that_is_not_read(self) -> None:
        text = "{% macro m(a, b, c='') %}{{ a }}{% if c %}{% endif %}{% endmacro %}{{ b }}"

        assert list(unread_parameters({"a.html": text})) == ["a.html: m(b)"]

    @pytest.mark.parametrize(
        ("call", "found"),
        [
            ("url_for('cases.nowhere')", ["a.html:1: cases.nowhere"]),
            ("url_for('cases.show')", ["a.html:1: cases.show"]),
            ("url_for('cases.show', ref=1, more=2)", []),
            ("url_for('cases.show', **known)", []),
            ("url_for('static', filename='app.css')", []),
            ("url_for(endpoint)", []),
        ],
    )
    def test_find_an_address_that_leads_nowhere(self, call: str, found: list[str]) -> None:
        assert list(broken_addresses({"a.html": f"{{{{ {call} }}}}"})) == found

"""The sections of a long form: how far each is, and what of them somebody changed.

A page carries for each section what it was shown with (`seen-<section>`: the draft's token, "|",
and the state of the answers). So a save writes only what its sender changed, and notices when
somebody else saved the same section meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.domain import JsonValue
from engine.open_work.drafts import Draft, SectionEdit, state_of
from engine.packs.forms import Form, without_blanks
from engine.reads.work_item import WorkItemView
from web.forms import answers_in_words, typed_answers
from web.forms.typed_answers import Typed
from web.request import filters

SEEN = "seen-"


@dataclass(frozen=True)
class Progress:
    """How far a section is; `tag` is the colour of its word, `seen` what a page carries.

    `rows` says how many rows its repeating questions have: "Actions: 3".
    """

    id: str
    title: str
    status: str
    tag: str
    saved: str
    seen: str
    rows: str = ""


@dataclass(frozen=True)
class Clash:
    """A section that somebody else saved after this page was opened.

    `is_taken`: nothing was typed into it here, so it now shows what they saved.
    """

    id: str
    title: str
    by: str
    at: str
    theirs: tuple[answers_in_words.Told, ...]
    is_taken: bool


def shown_state(view: WorkItemView) -> dict[str, str]:
    """Return section -> what a fresh page of the task carries about it."""
    raw = typed_answers.raw_values(view.form, view.values)
    answers = typed_answers.read_raw(view.form, raw).answers
    return {
        section: f"{view.token(section)}|{state_of(view.form, section, answers)}"
        for section in view.form.section_ids
    }


def posted_state(view: WorkItemView, posted: Mapping[str, str]) -> dict[str, str]:
    """Return what the sender's page carried; what it did not carry is taken as fresh."""
    fresh = shown_state(view)
    return {section: posted.get(f"{SEEN}{section}", fresh[section]) for section in fresh}


def edits(
    view: WorkItemView, typed: Typed, seen: Mapping[str, str], *, pressed: str | None = None
) -> dict[str, SectionEdit]:
    """Return the sections that the sender changed, and the one whose button they pressed."""
    found = {}
    for section in view.form.section_ids:
        token, _, shown = seen[section].rpartition("|")
        if section == pressed or state_of(view.form, section, typed.answers) != shown:
            found[section] = SectionEdit(without_blanks(typed.answers), token)
    return found


def overtaken(view: WorkItemView, typed: Typed, seen: Mapping[str, str]) -> list[str]:
    """Return the sections that somebody saved, with other words, since the page was opened."""
    theirs: Mapping[str, JsonValue] = view.draft.answers if view.draft else {}
    return [
        section
        for section in view.form.section_ids
        if token_in(seen[section]) != view.token(section)
        and state_of(view.form, section, typed.answers) != state_of(view.form, section, theirs)
    ]


def clashes(
    view: WorkItemView, typed: Typed, seen: Mapping[str, str], sections: list[str]
) -> list[Clash]:
    """Say of each section who saved it, what they wrote, and whether it is shown here."""
    draft, found = view.draft, []
    titles = titles_of(view.form)
    for section in sections:
        saved = draft.sections.get(section) if draft else None
        if draft is None or saved is None:
            continue
        fields = [each for each in view.form.fields if each.section == section]
        untouched = state_of(view.form, section, typed.answers) == seen[section].rpartition("|")[2]
        found.append(
            Clash(
                section,
                titles[section],
                filters.person_name(saved.by),
                filters.instant_words(saved.at),
                tuple(answers_in_words.tell_fields(fields, draft.answers)),
                untouched,
            )
        )
    return found


def progress(
    view: WorkItemView,
    answers: Mapping[str, JsonValue],
    problems: Mapping[str, str],
    seen: Mapping[str, str],
) -> list[Progress]:
    """Return how far each section of the form is, in order."""
    titles = titles_of(view.form)
    given = without_blanks(answers)
    lacking = {
        name.partition(".")[0] for name in view.form.problems(given, lambda _check, _values: True)
    }
    wrong = {name.partition(".")[0] for name in problems}
    found = []
    for section in view.form.section_ids:
        names = set(view.form.names_in(section))
        status, tag = _status(view, section, names, lacking, wrong)
        saved = _saved(view.draft, section)
        rows = _count_rows(view, names, given)
        found.append(Progress(section, titles[section], status, tag, saved, seen[section], rows))
    return found


def token_in(seen: str) -> str:
    """Return the draft's token in what a page carried about a section."""
    return seen.rpartition("|")[0]


def _count_rows(view: WorkItemView, names: set[str], given: Mapping[str, JsonValue]) -> str:
    return "; ".join(
        f"{each.title.rstrip('?')}: {len(rows)}"
        for each in view.form.fields
        if each.name in names and each.columns and isinstance(rows := given.get(each.name), list)
    )


def _status(
    view: WorkItemView, section: str, names: set[str], lacking: set[str], wrong: set[str]
) -> tuple[str, str]:
    if names & wrong:
        return "There is a problem", "govuk-tag--red"
    if view.draft and section in view.draft.sections:
        is_done = not names & lacking
        return ("Completed", "govuk-tag--green") if is_done else ("In progress", "govuk-tag--blue")
    carried = sorted(view.carried[name] for name in names & set(view.carried))
    if carried:
        return "To check", "govuk-tag--yellow"
    if not any(each.required for each in view.form.fields if each.section == section):
        return "Optional", "govuk-tag--grey"
    return "Not started", "govuk-tag--grey"


def _saved(draft: Draft | None, section: str) -> str:
    saved = draft.sections.get(section) if draft else None
    if saved is None:
        return ""
    return f"Saved by {filters.person_name(saved.by)}, {filters.instant_words(saved.at)}"


def titles_of(form: Form) -> dict[str, str]:
    """Return section -> its title."""
    listed = {each["id"]: each["title"] for each in form.sections}
    return {each: listed.get(each, each or form.title) for each in form.section_ids}

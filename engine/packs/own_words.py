"""The words of a pack's forms, elements and timescales that are its own and no standard's.

What is not here means nothing. The check of a pack goes by this, and the reference is made from it.
"""

from __future__ import annotations

FORM = {
    "x-intro": "text above the questions",
    "x-source": "the sentence or rules that the form as a whole comes from",
    "x-sections": "`id`, `title`, perhaps `hint` and `x-sitting`; each is saved by itself",
    "x-checks": "`field`, `check`, `message`: what must hold once every answer has its type",
    "x-drafted-by": "roles whose people in the case may write a draft of it",
    "x-links": "`title`, `url`: pages to read beside it",
    "x-waits-for": "`check`, `message`: what must be true before it can be completed",
}
"""Words of a form as a whole."""

FIELD = {
    "x-hint": "a hint under the question",
    "x-name": "what it asks for, inside a sentence: “the date of the meeting”",
    "x-source": "the sentence or rules that it comes from",
    "x-section": "the section in which it stands",
    "x-personal": "personal content: it cannot stand in a section that several cases share",
    "x-widget": "how it is asked",
    "x-role": "of a user: whose people are offered; of rows: whose they are",
    "x-fact": "the fact that the answer sets, or several with `when`, `value`, `unset`",
    "x-effective": "the field that dates the fact; without it the day of recording",
    "x-carry": "begins with the answer given to this form last time",
    "x-show-when": "an expression: whether the question matters",
    "x-default": "the answer to begin with",
    "x-opens-with": "an expression over the facts: the answer to begin with",
    "x-options-from": "the decision table, or `=` and an expression, that gives the options",
    "x-other": "the words for an answer that is none of those offered",
    "x-fixed": "on a column with options: a row that has an answer keeps it",
    "x-same": "lists of facts in which those are alike whose meetings are one sitting",
}
"""Words of a question."""

WIDGETS = frozenset(
    {
        "textarea", "text", "radios", "select", "checkboxes", "date", "user", "rows", "yes_no",
        "number", "measures", "sitting",
    }
)  # fmt: skip
"""How a question can be asked."""

ELEMENT = {
    "form": "of a person's task: its form, `forms/<form>.json`",
    "deadline": "of a person's task: the deadline whose dates it shows; `=` reads the name",
    "title": "of a person's task: what people see, if not the label; `=` works it out",
    "work_item": "of a person's task: its name over the API, if not the element's id",
    "optional": "of a person's task: it is only offered; `=` works it out",
    "role": "of a person's task: whose work it is, if not its lane's; `=` works it out",
    "person": "of a person's task: who has it, where one of several can",
    "lead": "of a person's task: how long before its deadline or appointment it is due",
    "passes": "of a plain task: a box that is nobody's work, passed as soon as it is reached",
    "rule_ids": "the rules that it stands for",
    "payload": "of an event that throws a message: what is sent, an expression",
    "each": "of an event that throws a message: a list, for each row of which it is sent",
    "key": "of a start by a message: a second one with an equal key starts nothing",
    "decision": "of a business rule task: the decision table that it asks",
    "result": "of a business rule task: the name that takes the answer",
}
"""Properties of elements of a diagram."""

COLUMN = {
    "deadline": "its name; several rows may share one, then the earliest limit counts",
    "count_from": "the fact that gives day 0, not counted itself; the first of several that is set",
    "amount": "how many",
    "unit": "`working days`, `days`, `weeks` or `months`",
    "direction": "`after` or `before`",
    "kind": "`limit`",
    "met_by": "the fact, a day, whose recording meets the duty",
    "opens_before": "`at once`, or how long before the day to act by the work opens",
    "rule": "the rules, by their ids",
    "source_sentence": "the policy's words",
    "source_ref": "where they stand",
    "assumption": "`true` if the policy gives no such amount",
}
"""Outputs that timescales.dmn has."""

FURTHER_COLUMN = {
    "calendar": "whose bank holidays the row counts by, if not the pack's",
    "then": "amounts counted on from the day so found: `3 months after; 1 day before`",
    "extended_by": "the fact, a number, that says how many units more there are",
    "not_before": "how long after day 0 it is too early",
}
"""Outputs that it may have."""

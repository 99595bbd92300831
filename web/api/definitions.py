"""Definitions in the API: check files, publish a pack."""

from __future__ import annotations

from typing import Annotated, NotRequired, TypedDict

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from engine.context import Context
from engine.errors import AnswersRefused, Finding, PackRefused
from engine.packs import version
from engine.publishing.check import check_definition
from engine.publishing.publish import put_in_force
from engine.storage import published_versions
from web.api.answers import Created, Said, create_once, say
from web.api.blueprint import api
from web.api.calls import described
from web.api.representations import one_of
from web.api.requests import File
from web.request import context, uploads
from web.request.errors import BadRequest


class FindingSaid(TypedDict):
    """One thing that a check of a pack found; the texts are empty where nothing can be named."""

    severity: Annotated[str, one_of("error", "warning")]
    file: str
    element: str
    rule: str
    message: str


class Published(TypedDict):
    """A pack, and the hash of its files by which the version is known."""

    pack: str
    definition: str


class Files(TypedDict):
    """A whole pack, or files that take their places in `pack`: the caller's own unless it says."""

    files: list[File]
    pack: NotRequired[str]


class FilesForGood(Files):
    """Files to publish; `reason` is kept with the version."""

    reason: NotRequired[str]


@api.post("/definitions/check")
@described(upload=Files)
def check_definitions() -> Said[list[FindingSaid]]:
    """Check uploaded files (multipart); findings `[{severity, file, element, rule, message}]`.

    Whatever was sent, the answer is 200: what cannot be read is a finding too.
    """
    try:
        definition = _sent()
        findings = check_definition(definition, domain=context.parts().domain)
    except PackRefused as refused:
        findings = list(refused.findings)
    except AnswersRefused as refused:
        findings = [_unread("no-files", text) for text in refused.problems.values()]
    except BadRequest as error:
        findings = [_unread("upload", str(error))]
    except RequestEntityTooLarge:
        findings = [_unread("size", "This is more than 5 MB. A pack's files are small texts.")]
    return say([finding_said(each) for each in findings])


def finding_said(finding: Finding) -> FindingSaid:
    return {
        "severity": finding.severity,
        "file": finding.file,
        "element": finding.element,
        "rule": finding.rule,
        "message": finding.message,
    }


def _unread(rule: str, message: str) -> Finding:
    return Finding("error", "", "", rule, message)


@api.post("/definitions")
@described(upload=FilesForGood)
def publish_definitions() -> Created[Published]:
    """Publish uploaded files (multipart; `reason`); 201, or 422 with the findings."""
    definition = _sent()
    reason = request.form.get("reason", "").strip() or "Published through the API"
    with context.reading() as connection:
        in_force = {row.pack: row.definition for row in published_versions.list_packs(connection)}
    context.look_again()  # The check takes seconds, for which no transaction stays open.
    findings = check_definition(definition, domain=context.parts().domain)

    def work(ctx: Context) -> Published:
        if any(finding.severity == "error" for finding in findings):
            raise PackRefused(findings)
        before = in_force.get(definition.pack.id)
        put_in_force(ctx, definition, reason=reason, instead_of=before)
        return {"pack": definition.pack.id, "definition": definition.hash}

    return create_once(work)


def _sent() -> version.Definition:
    """Return the pack that the uploaded files make, on top of the one in force if need be.

    Files with a pack.toml are a whole pack. Others take their places in the pack named by the
    form field `pack`, or in the caller's own.
    """
    sent = [(each.filename or "file", each.read()) for _, each in request.files.items(multi=True)]
    if not sent:
        raise AnswersRefused({"files": "Send at least one file, as multipart/form-data."})
    names = {name.replace("\\", "/").rsplit("/", 1)[-1] for name, _ in sent}
    if "pack.toml" in names or any(name.endswith(".zip") for name in names):
        return version.Definition(uploads.changed_files({"pack.toml": b""}, sent))
    return version.Definition(uploads.changed_files(_base(), sent))


def _base() -> version.Files:
    wanted = request.form.get("pack") or context.actor().pack
    with context.reading() as connection:
        packs = published_versions.list_packs(connection)
        known = [row.pack for row in packs if context.actor().is_of(row.pack)]
        pack = wanted or (known[0] if len(known) == 1 else None)
        if pack is None:
            message = "Say in the field “pack” which pack these files belong to."
            raise PackRefused([Finding("error", "", "", "pack", message)])
        if pack not in known:
            message = f"There is no published pack “{pack}”. Send a whole pack."
            raise PackRefused([Finding("error", "", "", "pack", message)])
        return published_versions.current_definition(connection, pack).files

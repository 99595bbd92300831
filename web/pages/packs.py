"""Packs: what is our policy as it runs today, and what would my change do?"""

from __future__ import annotations

import io

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from engine.errors import DefinitionNotFound, Finding, PackOvertaken, PackRefused
from engine.packs.authority_words import Given, in_words
from engine.packs.version import Definition
from engine.people import permissions
from engine.publishing.check import check_definition
from engine.publishing.publish import put_in_force
from engine.storage import published_versions
from engine.storage.published_versions import PublicationRow
from web.forms import layout
from web.pages import drawing
from web.request import context, uploads

pages = Blueprint("packs", __name__)

OVERTAKEN = "Somebody published another version meanwhile. Check your files again."


@pages.get("/packs")
def index() -> ResponseReturnValue:
    """The packs that are published."""
    with context.reading() as connection:
        every = published_versions.list_packs(connection)
    packs = [row for row in every if context.actor().is_of(row.pack)]
    return render_template("packs/index.html", packs=packs)


@pages.get("/packs/<pack>")
def show(pack: str) -> ResponseReturnValue:
    """A pack as it runs today, or an earlier version of it."""
    with context.reading() as connection:
        publications = published_versions.list_publications(connection, pack)
        if not publications:
            raise DefinitionNotFound(pack)
        wanted = request.args.get("version", publications[0].definition)
        if wanted not in {row.definition for row in publications}:
            raise DefinitionNotFound(wanted)
        definition = published_versions.get_definition(connection, wanted)
    return _pack_page(definition, publications, {}, 200)


def _pack_page(
    definition: Definition,
    publications: list[PublicationRow],
    problems: dict[str, str],
    status: int,
) -> ResponseReturnValue:
    html = render_template(
        "packs/show.html",
        definition=definition,
        pack=definition.pack,
        publications=publications,
        publication=next(row for row in publications if row.definition == definition.hash),
        current=publications[0].definition == definition.hash,
        drawing=drawing.draw(definition, definition.pack.kinds[definition.pack.first_kind].process),
        may_publish=_may_publish(),
        authority=in_words(definition.pack),
        problems=problems,
    )
    return html, status


def _may_publish() -> bool:
    return context.actor().is_any(*permissions.PUBLISHES)


def _version_of(pack: str, definition: str) -> Definition:
    """Return a published version; one of another pack is not found."""
    with context.reading() as connection:
        found = published_versions.get_definition(connection, definition)
    if found.pack.id != pack:
        raise DefinitionNotFound(definition)
    return found


@pages.get("/packs/<pack>/versions/<definition>/processes/<process>")
def process(pack: str, definition: str, process: str) -> ResponseReturnValue:
    """One drawing of a pack, with its steps in words."""
    found = _version_of(pack, definition)
    if process not in found.processes:
        raise DefinitionNotFound(definition)
    return render_template(
        "packs/process.html",
        pack=found.pack,
        definition=found,
        drawing=drawing.draw(found, process),
    )


@pages.get("/packs/<pack>/versions/<definition>/tables/<table>")
def table(pack: str, definition: str, table: str) -> ResponseReturnValue:
    """One decision table of a pack."""
    found = _version_of(pack, definition)
    if table not in found.tables:
        raise DefinitionNotFound(definition)
    return render_template(
        "packs/table.html", pack=found.pack, definition=found, table=found.tables[table]
    )


@pages.get("/packs/<pack>/versions/<definition>/forms/<form>")
def form(pack: str, definition: str, form: str) -> ResponseReturnValue:
    """What one form of a pack asks."""
    found = _version_of(pack, definition)
    if form not in found.forms:
        raise DefinitionNotFound(definition)
    asked = found.forms[form]
    return render_template(
        "packs/form.html",
        pack=found.pack,
        definition=found,
        form=asked,
        asked=layout.lay_out(asked, raw={}, blank_rows=True),
    )


@pages.get("/versions/<definition>/files/<path:path>")
def file(definition: str, path: str) -> ResponseReturnValue:
    """One file of a version, byte for byte: saved, never shown.

    What stands in it could be a page of its own, at the council's own address.
    """
    with context.reading() as connection:
        found = published_versions.get_definition(connection, definition)
    if path not in found.files:
        raise DefinitionNotFound(path)
    answer = send_file(
        io.BytesIO(found.files[path]),
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=path.rsplit("/", 1)[-1],
    )
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@pages.get("/versions/<definition>.zip")
def archive(definition: str) -> ResponseReturnValue:
    """All files of a version as a zip."""
    with context.reading() as connection:
        found = published_versions.get_definition(connection, definition)
    return send_file(
        io.BytesIO(uploads.zipped(found)),
        mimetype="application/zip",
        as_attachment=True,
        download_name=f"{found.pack.id}-{definition[:8]}.zip",
    )


@pages.post("/packs/<pack>/check")
def check(pack: str) -> ResponseReturnValue:
    """Check the files sent as part of the pack; nothing is published yet."""
    with context.reading() as connection:
        current = published_versions.current_definition(connection, pack)
        publications = published_versions.list_publications(connection, pack)
        # A check takes long: what the page around it says is read before.
        context.kind()
    sent = [
        (each.filename or "", each.read())
        for each in request.files.getlist("files")
        if each.filename
    ]
    if not sent:
        return _pack_page(current, publications, {"files": "Choose a file to check."}, 422)
    try:
        files = uploads.changed_files(current.files, sent)
    except PackRefused as refused:
        return _findings(current, list(refused.findings), {}, {}, 422)
    changed = {path: data for path, data in files.items() if current.files.get(path) != data}
    findings = _check(pack, Definition(files))
    wrong = any(finding.severity == "error" for finding in findings)
    return _findings(current, findings, changed, {}, 422 if wrong else 200)


@pages.post("/packs/<pack>/publish")
def publish(pack: str) -> ResponseReturnValue:
    """Publish what was checked, for new cases; running ones keep what they began on."""
    with context.reading() as connection:
        current = published_versions.current_definition(connection, pack)
    changed = uploads.unpack(request.form.get("changed", ""))
    reason = request.form.get("reason", "").strip()
    if request.form.get("based_on") != current.hash:
        return _findings(current, [], changed, {"reason": OVERTAKEN}, 409)
    definition = Definition({**current.files, **changed})
    findings = _check(pack, definition)
    if not reason:
        problem = "Say why you publish this. Others will read it in the list of versions."
        return _findings(current, findings, changed, {"reason": problem}, 422)
    if any(finding.severity == "error" for finding in findings):
        return _findings(current, findings, changed, {}, 422)
    try:
        context.writing(
            lambda ctx: put_in_force(ctx, definition, reason=reason, instead_of=current.hash)
        )
    except PackRefused as refused:
        return _findings(current, list(refused.findings), changed, {}, 422)
    except PackOvertaken:
        return _findings(current, [], changed, {"reason": OVERTAKEN}, 409)
    flash("Published. New cases run on it from now on; running cases keep their version.")
    return redirect(url_for("packs.show", pack=pack), 303)


def _check(pack: str, definition: Definition) -> list[Finding]:
    """Return what the check finds; the files must be those of the pack of this page.

    It takes seconds, for which no transaction stays open.
    """
    context.look_again()
    findings = check_definition(definition, domain=context.parts().domain)
    if not findings and definition.pack.id != pack:
        message = f"These files are the pack “{definition.pack.id}”. Its id must stay “{pack}”."
        findings = [Finding("error", "pack.toml", "id", "id", message)]
    return findings


def _findings(
    current: Definition,
    findings: list[Finding],
    changed: dict[str, bytes],
    problems: dict[str, str],
    status: int,
) -> ResponseReturnValue:
    html = render_template(
        "packs/findings.html",
        pack=current.pack,
        current=current,
        findings=findings,
        errors=[finding for finding in findings if finding.severity == "error"],
        changed=sorted(changed),
        carried=uploads.pack_up(changed) if changed else "",
        authority=_authority(current, changed),
        problems=problems,
        reason=request.form.get("reason", ""),
    )
    return html, status


def _authority(current: Definition, changed: dict[str, bytes]) -> list[Given]:
    """Return who may do what by the files checked; nothing where they make no pack."""
    try:
        return in_words(Definition({**current.files, **changed}).pack)
    except PackRefused:
        return []

"""Files that a process owner sends: what they change in a pack, and their way between two pages.

Web processes keep nothing, so the checked files travel in the publish form and are checked again.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import lzma
import zipfile
import zlib
from collections.abc import Iterable, Mapping

from engine.errors import Finding, PackRefused
from engine.packs.version import Definition
from engine.publishing.check import MAX_FILE, MAX_FILES
from web.request.errors import BadRequest

LARGEST_PACK = 5_000_000
_UNREADABLE = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    OSError,
    EOFError,
    ValueError,
    zlib.error,
    lzma.LZMAError,
)
"""What zipfile answers a damaged or encrypted archive with."""


def changed_files(
    files: Mapping[str, bytes], sent: Iterable[tuple[str, bytes]]
) -> dict[str, bytes]:
    """Return a pack's `files` with those sent put in their places; a zip is taken apart."""
    uploads = {inner: content for name, data in sent for inner, content in _taken_apart(name, data)}
    return _with_uploads(files, uploads)


def _with_uploads(files: Mapping[str, bytes], uploads: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return a pack's files with some replaced or added, matched by their names.

    An upload named like the last part of one path replaces that file, so a form downloaded as
    `chair_ppm.json` finds its way back to `forms/chair_ppm.json`.

    Raises:
        PackRefused: an upload's kind is not one that a pack holds, or it is too large.
    """
    merged = dict(files)
    for name, data in uploads.items():
        path = _path_of(name, merged)
        if len(data) > MAX_FILE:
            message = f"{name} is larger than 2 MB. A pack's files are small texts."
            raise PackRefused([Finding("error", name, "", "size", message)])
        merged[path] = data
    return merged


def _path_of(name: str, files: Mapping[str, bytes]) -> str:
    plain = name.replace("\\", "/").rsplit("/", 1)[-1]
    for path in files:
        if path == name or path.rsplit("/", 1)[-1] == plain:
            return path
    if plain.endswith(".json"):
        return f"forms/{plain}"
    if plain.endswith((".bpmn", ".dmn")):
        return plain
    message = f"{name} is no file of a pack. Upload .bpmn, .dmn, .json or pack.toml."
    raise PackRefused([Finding("error", name, "", "file kind", message)])


def _taken_apart(name: str, data: bytes) -> list[tuple[str, bytes]]:
    if not name.lower().endswith(".zip"):
        return [(name, data)]
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > MAX_FILES or sum(e.file_size for e in entries) > LARGEST_PACK:
                raise BadRequest("The zip holds too much. A pack has at most 200 files and 5 MB.")
            return [(entry.filename, archive.read(entry)) for entry in entries]
    except _UNREADABLE as error:
        raise BadRequest(f"The zip {name} cannot be opened. Send the files by themselves.") from (
            error
        )


def zipped(definition: Definition) -> bytes:
    """Return the pack as a zip; the same version gives the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in definition.files.items():
            archive.writestr(zipfile.ZipInfo(path), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def pack_up(files: Mapping[str, bytes]) -> str:
    """Return files as one text for a hidden field."""
    listed = {path: base64.b64encode(data).decode() for path, data in files.items()}
    return base64.b64encode(zlib.compress(json.dumps(listed).encode())).decode()


def unpack(text: str) -> dict[str, bytes]:
    """Return the files of a hidden field.

    Raises:
        BadRequest: the field is not one of ours, or holds too much.
    """
    try:
        expander = zlib.decompressobj()
        data = expander.decompress(base64.b64decode(text, validate=True), 2 * LARGEST_PACK)
        if expander.unconsumed_tail:
            raise BadRequest("The files are too large to publish.")
        listed = json.loads(data)
        return {str(path): base64.b64decode(each) for path, each in listed.items()}
    except (binascii.Error, zlib.error, ValueError, AttributeError, TypeError) as error:
        raise BadRequest("The files did not arrive whole. Upload them again.") from error

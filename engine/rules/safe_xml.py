"""The only way that XML of a pack is read: hardened, bounded, with findings for people."""

from __future__ import annotations

import re

from lxml import etree

from engine.errors import Finding, PackRefused

MAX_BYTES = 2 * 1024 * 1024
MAX_ELEMENTS = 20_000
MAX_DEPTH = 60

_ENCODING = re.compile(rb"""^(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")
_ENCODINGS = {"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin1", "windows-1252"}
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def parse_xml(data: bytes, *, file: str) -> etree._Element:
    """Return the root element of `data`, without comments and processing instructions.

    Raises:
        PackRefused: one finding saying what is wrong: not XML, a DOCTYPE, an encoding other than
            UTF-8, UTF-16 or Latin, more than 2 MB, 20,000 elements or 60 levels.
    """
    if len(data) > MAX_BYTES:
        raise _refused(file, "xml-too-large", "The file is larger than 2 MB.")
    data = _as_read(data, file)
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise _refused(file, "xml-doctype", "The file has a DOCTYPE or entities. Remove them.")
    try:
        root = etree.fromstring(data, _parser())
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        line = getattr(error, "lineno", None)
        place = f" at line {line}" if line else ""
        raise _refused(file, "xml-unreadable", f"The file is not XML{place}: {error}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise _refused(file, "xml-doctype", "The file has a DOCTYPE. Remove it.")
    _require_bounded(root, file)
    _refuse_pages(data, root, file)
    return root


def _refuse_pages(data: bytes, root: etree._Element, file: str) -> None:
    """Refuse what a browser would show or run: style sheets, and elements of pages and pictures."""
    if b"<?xml-stylesheet" in data:
        raise _refused(
            file, "xml-page", "The file names a style sheet. Remove <?xml-stylesheet …?>."
        )
    for namespace in _SHOWN:
        for element in root.iter(f"{{{namespace}}}*"):
            name = etree.QName(element).localname[:40]
            message = f"The file holds a <{name}> of a page, which a browser would run. Remove it."
            raise _refused(file, "xml-page", message)


_SHOWN = (
    "http://www.w3.org/1999/xhtml",
    "http://www.w3.org/2000/svg",
    "http://www.w3.org/1999/XSL/Transform",
)


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )


def _as_read(data: bytes, file: str) -> bytes:
    """Return `data` in an encoding in which a DOCTYPE can be seen before parsing."""
    if data.startswith(_UTF_16):
        try:
            text = data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise _refused(file, "xml-encoding", "The file is not valid UTF-16.") from error
        if "\x00" in text:
            raise _refused(file, "xml-encoding", "The file is not UTF-16. Save it as UTF-8.")
        return re.sub(r"^<\?xml\s.*?\?>", "", text, count=1, flags=re.DOTALL).encode()
    declared = _ENCODING.match(data)
    if declared is not None:
        name = declared[1].decode("ascii", "replace").lower()
        if name not in _ENCODINGS:
            message = f"The file's encoding is {name[:40]!r}. Save it as UTF-8."
            raise _refused(file, "xml-encoding", message)
    if b"\x00" in data:
        raise _refused(file, "xml-encoding", "The file is not UTF-8 text. Save it as UTF-8.")
    return data


def _require_bounded(root: etree._Element, file: str) -> None:
    count, level = 0, [root]
    for _ in range(MAX_DEPTH):
        count += len(level)
        if count > MAX_ELEMENTS:
            message = f"The file has more than {MAX_ELEMENTS} elements."
            raise _refused(file, "xml-too-large", message)
        level = [child for element in level for child in element]
        if not level:
            return
    raise _refused(file, "xml-too-deep", f"The file is nested deeper than {MAX_DEPTH} levels.")


def _refused(file: str, rule: str, message: str) -> PackRefused:
    return PackRefused([Finding("error", file, "", rule, message)])

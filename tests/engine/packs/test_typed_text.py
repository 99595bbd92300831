"""What people type is cleaned by one rule: nothing invisible, nothing that shows it otherwise."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.packs.typed_text import cleaned

PERSIAN = "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\u200b\u200b", ""),
        ("2026\u200b-03-09", "2026-03-09"),
        ("a\x07b\u202ec", "abc"),
        ("Zo\u00eb\u00a0M\u2009\u200a", "Zo\u00eb M"),
        ("one\r\ntwo\u2028three", "one\ntwo\nthree"),
        ("\ufeffname\u00ad", "name"),
        ("tab\there", "tab here"),
        (PERSIAN, PERSIAN),
        ("a\u200db", "ab"),
        ("zero\0", "zero\0"),
    ],
)
def test_f2_nothing_invisible_is_kept(typed: str, kept: str):
    assert cleaned(typed) == kept


@given(st.text())
def test_f2_what_is_cleaned_holds_nothing_invisible(text: str):
    kinds = {unicodedata.category(each) for each in cleaned(text) if each not in "\n\0\u200c\u200d"}
    assert not kinds & {"Cc", "Cf", "Zl", "Zp"}

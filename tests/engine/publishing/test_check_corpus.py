"""The corpus of hostile and invalid files: no exception, no hang, each finding says where."""

import pytest

from tests.engine.publishing.corpus.everything import CORPUS, check
from tests.engine.publishing.corpus.hostile import Hostile

SECONDS = 10


def test_the_corpus_is_large_and_its_files_differ() -> None:
    assert len(CORPUS) >= 150
    assert len({hostile.name for hostile in CORPUS}) == len(CORPUS)
    assert len({(hostile.path, hostile.data) for hostile in CORPUS}) == len(CORPUS)


@pytest.mark.parametrize("hostile", CORPUS, ids=lambda hostile: hostile.name)
def test_a_file_of_the_corpus_is_answered_by_findings(hostile: Hostile) -> None:
    answer = check(hostile)
    assert answer.seconds < SECONDS
    own = [each for each in answer.findings if each.file == hostile.path]
    assert own, answer.findings
    if hostile.element:
        assert {each.element for each in own} & set(hostile.element.split("|"))
    assert "unchecked" not in {each.rule for each in answer.findings}
    assert all(each.message and each.file for each in answer.findings)

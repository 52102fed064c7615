"""docs/verdict.md has every case with the verdict that the rules give it."""

import re

import verdict_docs
from shared.verdict_words import OUTCOMES, headline
from verdict_cases import CASES

PAGE = verdict_docs.PART.page.read_text(encoding="utf-8")


def test_the_page_has_not_drifted_from_the_rules():
    assert verdict_docs.PART.put_into(PAGE, verdict_docs.table()) == PAGE, "run: make docs"


def test_every_outcome_is_explained_and_has_cases():
    explained = re.findall(r"^\| ([^|]+) \| `(\w+)` \|", PAGE, re.MULTILINE)
    assert dict(explained[1:]) == {headline(name): name for name in OUTCOMES}
    assert {case.expected for case in CASES} == set(OUTCOMES)

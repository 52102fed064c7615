"""Cards as they were approved by eye: tests/data/cards holds pages, and the artifacts that they are of.

Names and shapes are real, many figures are made up so that every component has something to draw, and the models'
parameters, which no card reads, are left out. After a change that is meant, look at the new pages in a browser:

    .venv/bin/python tests/unit/publish_artifact/card/test_approved.py
"""

from difflib import unified_diff
from pathlib import Path

import pytest

from publish_artifact.card.page import model_card

CARDS = Path(__file__).parents[3] / "data" / "cards"
NAMES = ("candles", "penguins", "mixed", "many")


def drawn(name: str) -> str:
    return model_card((CARDS / f"{name}.json").read_bytes()).decode("utf-8")


def approved(name: str) -> str:
    return (CARDS / f"{name}.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_a_card_is_as_it_was_approved(name):
    differences = [
        line[:300]
        for line in unified_diff(approved(name).split("\n"), drawn(name).split("\n"), n=0, lineterm="")
    ]
    assert not differences, f"look at the page, then approve it: python {Path(__file__).name}"


if __name__ == "__main__":
    for each in NAMES:
        (CARDS / f"{each}.html").write_text(drawn(each), encoding="utf-8")

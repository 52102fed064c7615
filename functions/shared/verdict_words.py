"""What a verdict on a model is called, wherever a person reads it: terminal, card, `runs` and `compare` alike."""

from typing import Literal

type Outcome = Literal["better", "not_shown", "worse", "cannot_be_judged"]
# What it looks like: the card's classes, and the terminal's colours, are named so.
type Tone = Literal["good", "unclear", "bad"]

_WORDS: dict[Outcome, tuple[str, Tone]] = {
    "better": ("better", "good"),
    "not_shown": ("not shown to be better", "unclear"),
    "worse": ("worse", "bad"),
    "cannot_be_judged": ("cannot be judged", "unclear"),
}
OUTCOMES: tuple[Outcome, ...] = tuple(_WORDS)


def headline(outcome: Outcome) -> str:
    """The outcome in words, to stand by itself or at the beginning of a line."""
    return _WORDS[outcome][0]


def tone(outcome: Outcome) -> Tone:
    """How to colour it. Only words that colour repeats: nothing is said by colour alone."""
    return _WORDS[outcome][1]

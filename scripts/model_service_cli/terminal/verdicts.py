"""A verdict's words in their colour. What they are, functions/shared/verdict_words.py says."""

from typing import Any

from rich.text import Text

from shared.verdict_words import OUTCOMES, headline, tone

STYLES = {"good": "green", "unclear": "yellow", "bad": "bold red"}


def verdict_text(verdict: Any) -> Text:
    """The words of a `verdict` member; an empty text where there is none, as in what is older than verdicts."""
    outcome = verdict.get("outcome") if isinstance(verdict, dict) else None
    if outcome not in OUTCOMES:
        return Text("")
    return Text(headline(outcome), style=STYLES[tone(outcome)])

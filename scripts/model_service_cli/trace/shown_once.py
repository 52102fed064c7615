"""Each text of a page gets its place, and a payload that stands on the page already a link to it instead.

The output of a state is the input of the next one, and the run's own output that of the last. Pure: values in and out.
"""

from collections.abc import Iterable
from dataclasses import replace

from model_service_cli.trace.entries import Entry
from model_service_cli.trace.page_parts import Text

SHORT = 80  # characters; a shorter payload is read faster than a link is followed
PAYLOADS = {"Input", "Output", "Request", "Response"}


class Shown:
    """What stands on the page so far."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, int], tuple[str, str]] = {}

    def entry(self, entry: Entry, owner: str = "") -> Entry:
        """The entry with its texts, and those inside it, in their places."""
        name = f"{owner} {entry.name}".strip()
        texts = self.texts(entry.texts, entry.anchor, name)
        inner = tuple(self.entry(one, entry.name) for one in entry.entries)
        return replace(entry, texts=texts, entries=inner)

    def texts(self, texts: Iterable[Text], anchor: str, owner: str) -> tuple[Text, ...]:
        return tuple(self._text(one, f"{anchor}-{place}", owner) for place, one in enumerate(texts, 1))

    def _text(self, text: Text, anchor: str, owner: str) -> Text:
        placed = replace(text, anchor=anchor)
        if text.title not in PAYLOADS or len(text.text) <= SHORT:
            return placed
        key = text.text, text.left_out
        if known := self._places.get(key):
            return replace(placed, text="", left_out=0, same=known)
        self._places[key] = f"the {text.title.lower()} of {owner}", anchor
        return placed

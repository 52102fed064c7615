"""What a card is about: an artifact, and what all parts of the page share: colours and figure numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, cast

from publish_artifact.artifact_types import Artifact
from publish_artifact.card.style import SERIES
from publish_artifact.card.text import name_of
from publish_artifact.explanation_types import Explanation
from shared.event_fields import Json
from shared.model.importance import Importance


@dataclass(frozen=True)
class Subject:
    """sha256: of the artifact's bytes; explanation: what its model is and goes by."""

    artifact: Artifact
    explanation: Explanation
    sha256: str
    _numbers: count = field(default_factory=lambda: count(1))

    def member(self, name: str) -> Json | None:
        """A member that artifacts of older versions have not; None where it is missing or null."""
        return cast("Json", self.artifact).get(name)

    def explained(self, name: str) -> Any:
        """A member of the explanation; None where it is missing or null."""
        return cast("Json", self.explanation).get(name)

    @property
    def classes(self) -> list[str]:
        """Those that the model can predict, sorted."""
        return self.artifact["model"]["classes"]

    @property
    def importance(self) -> Importance:
        """What matters by the model's own numbers."""
        return Importance.from_json(self.explanation["measure"])

    @property
    def positive(self) -> str | None:
        """The class that precision, recall and F1 are about; None where they are means over the classes."""
        return self.artifact["evaluation"]["positive_class"]

    def series(self, name: str) -> int | None:
        """The colour of a class, the same in every chart: the first ones belong to the classes with most rows."""
        order = self.classes_by_rows()
        place = order.index(name) if name in order else SERIES
        return place if place < SERIES else None

    def classes_by_rows(self) -> list[str]:
        entries = sorted(self.artifact["classes"], key=lambda entry: (-entry["train_rows"], entry["name"]))
        return [entry["name"] for entry in entries]

    def marked(self, name: str, shown: int = 40) -> str:
        """A class with a dot of its colour before it."""
        series = self.series(name)
        dot = "" if series is None else f'<i class="dot b{series}"></i>'
        return dot + name_of(name, shown)

    def figure(
        self,
        title: str,
        words: str,
        size: tuple[float, float],
        drawing: str,
        legend: str = "",
        caption: str = "",
    ) -> str:
        """A figure: its title, a drawing that says in words what it shows, and what explains it."""
        i = next(self._numbers)
        spoken = title.replace("<bdi>", "").replace("</bdi>", "")
        return (
            f"<figure>\n<h3>{title}</h3>\n"
            f'<svg viewBox="0 0 {size[0]:g} {size[1]:g}" role="img" aria-labelledby="t{i} d{i}">'
            f'<title id="t{i}">{spoken}</title><desc id="d{i}">{words}</desc>{drawing}</svg>\n{legend}'
            + (f"<figcaption>{caption}</figcaption>\n" if caption else "")
            + "</figure>\n"
        )

    def line(self, name: str, alone: bool) -> str:
        """The style of a class's line: dashed by class, unless it is the only one of its chart."""
        return f"s{self.series(name)}{' alone' if alone else ''}"

    def legend(self, classes: Sequence[str], notes: Sequence[str] = ()) -> str:
        """Which line and colour is which class; notes: a text after each, such as its area."""
        notes = notes or [""] * len(classes)
        alone = len(classes) == 1
        entries = "".join(
            f'<li><svg viewBox="0 0 30 8" aria-hidden="true"><path class="{self.line(name, alone)}" d="M0 4H30"/></svg>'
            f"{name_of(name, 40)}{note}</li>"
            for name, note in zip(classes, notes, strict=True)
            if self.series(name) is not None
        )
        return f'<ul class="legend">{entries}</ul>\n'

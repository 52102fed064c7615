"""A comparison of runs in words: lines for a terminal of 80 columns, Markdown, and JSON. Pure: values in, text out."""

import json
import textwrap
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from model_service_cli.runs.compared import LETTERS, METRIC, Compared, Row
from model_service_cli.runs.got_to import stopped
from model_service_cli.runs.paired import Difference
from model_service_cli.terminal.as_json import iso
from model_service_cli.terminal.figures import figure
from model_service_cli.terminal.lines import printable
from shared.drift import MOST as MOST_DRIFTED
from shared.drift import strength
from shared.event_fields import Json

WIDTH = 80
NAMES, GAP = 22, 2  # columns of a row's name; between two columns
LEAST, MOST = 8, 40  # columns of a value
MARKS = {"better": "+", "worse": "-", "": ""}
Styled = tuple[str, str]  # a line, or a part of one, and its style; "" for none
STYLES = {"better": "green", "worse": "red"}


@dataclass(frozen=True)
class Comparison:
    """rows: all that is compared; paired: by the place of a later run, its differences from the first on the same test
    rows, or in words why there are none; drifts: by place, how its data differs from the first run's."""

    runs: tuple[Compared, ...]
    rows: tuple[Row, ...]
    paired: dict[int, list[Difference] | str]
    drifts: dict[int, Json]

    def shown(self, everything: bool) -> list[Row]:
        return [row for row in self.rows if everything or row.differs]


def text_lines(found: Comparison, everything: bool) -> Iterator[list[Styled]]:
    """Lines of at most WIDTH columns, where there are no more than four runs."""
    for letter, run in zip(LETTERS, found.runs, strict=False):
        yield [(letter, "bold"), (f"  {printable(run.name)}", "")]
        if why := stopped(run.execution):
            yield from ([(f"   {part}", "red")] for part in textwrap.wrap(printable(why), WIDTH - 3))
    yield []
    rows = found.shown(everything)
    width = max(LEAST, min(MOST, (WIDTH - NAMES) // len(found.runs) - GAP))
    if rows:
        heads = (f"{letter:<{width}}" for letter in LETTERS[: len(found.runs)])
        yield [(f"{'':<{NAMES}}{'':{GAP}}" + f"{'':{GAP}}".join(heads).rstrip(), "bold")]
    section = ""
    for row in rows:
        if row.section != section:
            section = row.section
            yield [(section, "bold")]
        yield list(_cells(row, width))
    same = len(found.rows) - len(rows)
    elsewhere = found.rows[0].elsewhere if found.rows else frozenset()
    if any(row.section == METRIC and row.differs for row in rows) and len(elsewhere) < len(found.runs) - 1:
        yield [("+ better than A, - worse, by the figure alone", "dim")]
    for place in sorted(elsewhere):
        yield [(f"{LETTERS[place]} answers another question than A: other data, or another label", "dim")]
    if not rows:
        yield [("Nothing differs.", "")]
    elif same:
        yield [(f"{same} more are the same (ALL=yes shows them)", "dim")]
    yield from _paired_lines(found)
    yield from _drift_lines(found)


def _cells(row: Row, width: int) -> Iterator[Styled]:
    yield f"  {cut(printable(row.name), NAMES - 2):<{NAMES - 2}}", "" if row.differs else "dim"
    for place, value in enumerate(row.values):
        outcome = row.against_first(place)
        mark = f" {MARKS[outcome]}" if outcome else ""
        text = cut(cell(row, value), width - len(mark)) + mark
        style = STYLES.get(outcome, "" if row.differs else "dim")
        yield f"{'':{GAP}}{text:<{width}}", style


def _paired_lines(found: Comparison) -> Iterator[list[Styled]]:
    for place, outcome in found.paired.items():
        head = f"{LETTERS[place]} against A"
        if isinstance(outcome, str):
            yield []
            yield [(f"{head}: not row by row, {outcome}", "")]
            continue
        yield []
        yield [(f"{head}, row by row on the same {outcome[0].rows:,} test rows (95% interval)", "bold")]
        for one in outcome:
            low, high = one.interval
            said = {"not shown": "no difference shown"}.get(one.outcome, one.outcome)
            yield [
                (f"  {one.what:<9} {one.difference:+.4f}  ({low:+.4f} to {high:+.4f})  ", ""),
                (said, STYLES.get(one.outcome, "")),
            ]


def _drift_lines(found: Comparison) -> Iterator[list[Styled]]:
    for place, changed in found.drifts.items():
        yield []
        yield [(f"data of {LETTERS[place]} against A's", "bold")]
        told = list(drift_words(changed))
        yield from ([(f"  {printable(line)}", "")] for line in told)


def drift_words(changed: Json) -> Iterator[str]:
    """What has changed between two datasets, line by line."""
    for name, said in (("gone", "columns gone: "), ("new", "columns new:  ")):
        if names := changed["columns"][name]:
            yield said + ", ".join(names)
    for one in changed["kinds"]:
        yield f"{one['name']}: {one['before']} before, {one['now']} now"
    columns = [one for one in changed["moved"] if one["name"] is not None]
    many = "at least " if len(columns) == MOST_DRIFTED else ""
    colon = ":" if columns else ""
    if changed["compared"]:
        yield f"{many}{len(columns)} of {changed['compared']} columns moved beyond chance{colon}"
    for one in columns:
        word = strength(one["psi"], one["chance"])
        yield f"  {cut(one['name'], 30):<30}  {word:<8}  index {one['psi']:.3f}, chance {one['chance']:.3f}"
    if len(columns) < len(changed["moved"]):
        yield f"the classes' shares moved: index {changed['class_psi']:.3f}, chance {changed['class_chance']:.3f}"


def cell(row: Row, value: Any) -> str:
    """A value as text, whole."""
    if value is None:
        return ""
    if row.section == METRIC:
        return figure(value)
    return printable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def cut(text: str, width: int) -> str:
    """A long text is cut in the middle, so that both ends can be told apart."""
    if len(text) <= width:
        return text
    left = (width - 1) // 2
    return f"{text[:left]}..{text[len(text) - (width - 2 - left) :]}"


def markdown(found: Comparison, everything: bool) -> Iterator[str]:
    """The same as Markdown, values whole."""
    heads = [f"{letter}: {_escaped(run.name)}" for letter, run in zip(LETTERS, found.runs, strict=False)]
    yield f"| | {' | '.join(heads)} |"
    yield f"| --- |{' --- |' * len(heads)}"
    for row in found.shown(everything):
        texts = []
        for place, value in enumerate(row.values):
            outcome = row.against_first(place)
            texts.append(_escaped(cell(row, value)) + (f" ({outcome})" if outcome else ""))
        yield f"| {row.section}: {_escaped(row.name)} | {' | '.join(texts)} |"
    for lines in (_paired_lines(found), _drift_lines(found)):
        for line in lines:
            text = "".join(part for part, _ in line)
            yield f"- {_escaped(text.strip())}" if text.startswith(" ") else _escaped(text)


def _escaped(text: str) -> str:
    """Text that Markdown leaves as it is."""
    for character in "\\|*<_`":
        text = text.replace(character, f"\\{character}")
    return printable(text)


def document(found: Comparison) -> Json:
    """The same as JSON, with what is the same in all runs, too."""
    return {
        "runs": [
            {
                "name": run.name,
                "execution_arn": run.execution.arn,
                "status": run.execution.status,
                "started_at": iso(run.execution.started_at),
            }
            for run in found.runs
        ],
        "rows": [
            {"section": row.section, "name": row.name, "values": list(row.values), "differs": row.differs}
            for row in found.rows
        ],
        "paired": [
            {"run": found.runs[place].name, "against": found.runs[0].name, **_paired_json(outcome)}
            for place, outcome in found.paired.items()
        ],
        "drift": [
            {"run": found.runs[place].name, "against": found.runs[0].name, **changed}
            for place, changed in found.drifts.items()
        ],
    }


def _paired_json(outcome: list[Difference] | str) -> Json:
    if isinstance(outcome, str):
        return {"differences": [], "why_not": outcome}
    return {"differences": [asdict(one) for one in outcome], "why_not": None}

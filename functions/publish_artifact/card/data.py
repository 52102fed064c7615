"""The part of a model card about the data: rows and classes, what was dropped or left out, the columns by kind."""

from publish_artifact.artifact_types import Column, Dataset
from publish_artifact.card import drawing
from publish_artifact.card.drawing import Scale, bars_with_names, box
from publish_artifact.card.subject import Subject
from publish_artifact.card.text import (
    CLASSES_SHOWN,
    aligned,
    alike,
    count_of,
    escape,
    figures,
    listed,
    more,
    name_of,
    number,
    paragraph,
    percent,
    plain,
    rows_of,
    section,
    side_by_side,
    table,
)
from publish_artifact.card.times import moment
from shared.event_fields import Json

_COLUMNS_SHOWN = 60
_VALUES_SHOWN = 3
_ROW = 24
_WHOLE_ROW = "ragged row"  # the one problem that is not about a cell


def data(subject: Subject) -> str:
    """The data as it was used."""
    artifact = subject.artifact
    columns = [column for column in artifact["columns"] if column["role"] == "feature"]
    numbers = [column for column in columns if column.get("kind", "number") == "number"]
    dates = [column for column in columns if column.get("kind") == "date"]
    texts = [column for column in columns if column.get("kind") in ("flag", "category")]
    return section(
        "The data as it was used",
        side_by_side(_rows(subject) + _dropped(subject) + _missing(columns), figures([_balance(subject)])),
        side_by_side(
            _numbers(numbers) + _dates(dates),
            _categories(texts)
            + _left_out([column for column in artifact["columns"] if column["role"] == "left_out"]),
        ),
    )


def _rows(subject: Subject) -> str:
    artifact = subject.artifact
    dataset, split = artifact["dataset"], artifact["split"]
    where = escape(f"s3://{dataset['bucket']}/{dataset['key']}")
    how = "the last ones" if split["method"] == "chronological" else f"drawn with seed {split['seed']}"
    return paragraph(
        f"<code>{where}</code>{_objects(dataset)} has {rows_of(dataset['rows'] + dataset['invalid_rows'])} and "
        f"{len(artifact['columns'])} columns; the label is {name_of(artifact['request']['label_column'])}.",
        f"{rows_of(split['train_rows'])} were trained on, {rows_of(split['test_rows'])} were held out ({how}).",
    )


def _objects(dataset: Dataset) -> str:
    """How many there are in a folder."""
    return f", a folder of {count_of(dataset['objects'], 'object')}," if "objects" in dataset else ""


def _dropped(subject: Subject) -> str:
    """Rows that were dropped, and the cells for which they were: a row may have several."""
    dataset = subject.artifact["dataset"]
    if not dataset["invalid_rows"]:
        return paragraph("No row was dropped.")
    why = [
        rows_of(times) + ": ragged, more or fewer cells than the header"
        if kind == _WHOLE_ROW
        else f"{count_of(times, 'cell')}: {escape(kind)}"
        for kind, times in dataset["problems"].items()
    ]
    return paragraph(f"{rows_of(dataset['invalid_rows'])} were dropped, for what stood in them:") + listed(
        why
    )


def _missing(columns: list[Column]) -> str:
    """Missing cells are no reason to drop a row."""
    holes = [
        column["statistics"]["missing"] for column in columns if column.get("statistics", {}).get("missing")
    ]
    if not holes:
        return paragraph("No cell of a column that it reads is missing.") if columns else ""
    return paragraph(
        f"{count_of(sum(holes), 'cell')} in {count_of(len(holes), 'column')} are missing: their rows were used, "
        "without them."
    )


def _balance(subject: Subject) -> str:
    """A bar a class: pale its train rows, solid its test rows."""
    by_size = sorted(subject.artifact["classes"], key=lambda entry: (-entry["rows"], entry["name"]))
    shown, total = by_size[:CLASSES_SHOWN], sum(entry["rows"] for entry in by_size)
    across = Scale(0, max(entry["rows"] for entry in shown), 126, 258)

    def bar(entry: Json) -> str:
        series = subject.series(entry["name"])
        kind = "ink" if series is None else f"f{series}"
        train, end = across(entry["train_rows"]), across(entry["rows"])
        return (
            box(across(0), 4, train - across(0), _ROW - 8, f"{kind} train")
            + box(train, 4, end - train, _ROW - 8, f"{kind} test")
            + drawing.text(drawing.WIDE - 4, _ROW / 2 + 4, _count(entry["rows"], total), "end", "v")
        )

    lines, height = bars_with_names(
        [plain(entry["name"], 20) for entry in shown],
        [bar({**entry}) for entry in shown],
        [_ROW] * len(shown),
    )
    words = ", ".join(f"{plain(entry['name'])} {percent(entry['rows'] / total)}" for entry in shown)
    left = len(by_size) - len(shown)
    return subject.figure(
        "Rows of each class",
        f"{words}.",
        (drawing.WIDE, height),
        lines,
        "",
        "Pale: train rows; solid: test rows."
        + (f" {left} more classes, in the artifact." if left > 0 else ""),
    )


def _count(rows: int, total: int) -> str:
    return f"{rows:,d} ({percent(rows / total)})"


def _left_out(columns: list[Column]) -> str:
    if not columns:
        return ""
    return table(
        "Columns that the model does not read",
        ["column", "why"],
        ([name_of(column["name"]), escape(column["reason"])] for column in columns[:_COLUMNS_SHOWN]),
        2,
    ) + more(columns, _COLUMNS_SHOWN)


def _numbers(columns: list[Column]) -> str:
    """Each line's figures with the decimals that its deviation deserves, points below each other."""
    if not columns:
        return ""
    shown = columns[:_COLUMNS_SHOWN]
    lines = []
    for column in shown:
        statistics = column["statistics"]
        values = [statistics[name] for name in ("min", "mean", "max", "deviation")]
        lines.append(alike(values, statistics["deviation"] or max(map(abs, values)) or 1.0))
    figures_of = zip(*(aligned(texts) for texts in zip(*lines, strict=True)), strict=True)
    return table(
        "The numbers over all valid rows",
        ["feature", "smallest", "mean", "largest", "deviation", "missing"],
        (
            [name_of(column["name"]), *texts, number(column["statistics"].get("missing", 0))]
            for column, texts in zip(shown, figures_of, strict=True)
        ),
    ) + more(columns, _COLUMNS_SHOWN)


def _dates(columns: list[Column]) -> str:
    if not columns:
        return ""
    return table(
        "The dates over all valid rows",
        ["feature", "first", "last", "missing"],
        (
            [
                name_of(column["name"]),
                *(moment(column["statistics"][name]) for name in ("min", "max")),
                number(column["statistics"]["missing"]),
            ]
            for column in columns[:_COLUMNS_SHOWN]
        ),
    ) + more(columns, _COLUMNS_SHOWN)


def _categories(columns: list[Column]) -> str:
    if not columns:
        return ""
    return table(
        "The categories over all valid rows",
        ["feature", "most frequent values", "values", "missing"],
        (
            [
                name_of(column["name"]),
                ", ".join(
                    f"{name_of(value, 24)} {rows:,d}"
                    for value, rows in _most_frequent(column["statistics"]["frequent"])
                ),
                number(column["statistics"]["distinct"]),
                number(column["statistics"]["missing"]),
            ]
            for column in columns[:_COLUMNS_SHOWN]
        ),
        2,
    ) + more(columns, _COLUMNS_SHOWN)


def _most_frequent(rows: Json) -> list[tuple[str, int]]:
    return sorted(rows.items(), key=lambda pair: (-pair[1], pair[0]))[:_VALUES_SHOWN]

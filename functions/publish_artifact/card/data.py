"""The part of a model card about the data it was trained on, the request and the lineage."""

from datetime import datetime, timedelta

from publish_artifact.artifact_types import Artifact, Column
from publish_artifact.card.figures import Figures
from publish_artifact.card.text import (
    CLASSES_SHOWN,
    escape,
    listed,
    more,
    name_of,
    number,
    paragraph,
    rows_of,
    section,
    table,
)
from shared.event_fields import Json

_COLUMNS_SHOWN = 60
_VALUES_SHOWN = 3


def data_section(artifact: Artifact, figures: Figures) -> str:
    dataset, split, request = artifact["dataset"], artifact["split"], artifact["request"]
    total = dataset["rows"] + dataset["invalid_rows"]
    by_size = sorted(artifact["classes"], key=lambda entry: (-entry["rows"], entry["name"]))
    where = escape(f"s3://{dataset['bucket']}/{dataset['key']}")
    how = "the last ones" if split["method"] == "chronological" else f"drawn with seed {split['seed']}"
    dropped = [f"{escape(kind)}: {rows_of(times)}" for kind, times in dataset["problems"].items()]
    others = [column for column in artifact["columns"] if column["role"] == "left_out"]
    content = [
        paragraph(
            f"<code>{where}</code> has {rows_of(total)} and {len(artifact['columns'])} columns; the label is "
            f"{name_of(request['label_column'])}.",
            f"{rows_of(split['train_rows'])} were trained on, {rows_of(split['test_rows'])} were held out ({how}).",
        ),
        paragraph(f"{rows_of(dataset['invalid_rows'])} were dropped as invalid:") + listed(dropped)
        if dropped
        else paragraph("No row was dropped."),
    ]
    if others:
        reasons = [
            f"{name_of(column['name'])}: {escape(column['reason'])}" for column in others[:_COLUMNS_SHOWN]
        ]
        content.append(
            paragraph("Columns that the model does not read:")
            + listed(reasons)
            + more(others, _COLUMNS_SHOWN)
        )
    shown = [(entry["name"], entry["rows"]) for entry in by_size[:CLASSES_SHOWN]]
    content.append(f'<div class="figures">{figures.balance(shown, dataset["rows"])}</div>\n')
    content.append(more(by_size, CLASSES_SHOWN))
    columns = [column for column in artifact["columns"] if column["role"] == "feature"]
    content += [
        _numbers([column for column in columns if column.get("kind", "number") == "number"]),
        _dates([column for column in columns if column.get("kind") == "date"]),
        _categories([column for column in columns if column.get("kind") in ("flag", "category")]),
    ]
    return section("The data", *content)


def _numbers(columns: list[Column]) -> str:
    if not columns:
        return ""
    figures = ("min", "mean", "max", "deviation", "missing")
    return table(
        "The numbers over all valid rows",
        ["feature", "smallest", "mean", "largest", "deviation", "missing"],
        (
            [name_of(column["name"]), *(number(column["statistics"][name]) for name in figures)]
            for column in columns[:_COLUMNS_SHOWN]
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
                *(_moment(column["statistics"][name]) for name in ("min", "max")),
                number(column["statistics"]["missing"]),
            ]
            for column in columns[:_COLUMNS_SHOWN]
        ),
    ) + more(columns, _COLUMNS_SHOWN)


def _moment(seconds: float) -> str:
    moment = datetime(1970, 1, 1) + timedelta(seconds=seconds)
    return f"{moment:%Y-%m-%d %H:%M}".removesuffix(" 00:00")


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
                    f"{name_of(value, 24)}: {rows:,d}"
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


def lineage_section(artifact: Artifact, sha256: str) -> str:
    lineage, dataset = artifact["lineage"], artifact["dataset"]
    facts = {
        "artifact, SHA-256": sha256,
        "published": lineage["created_at"],
        "run": lineage["run_id"],
        "execution": lineage["execution_arn"] or "none: the step was invoked directly",
        "code, SHA-256": lineage["code_version"],
        "data": f"s3://{dataset['bucket']}/{dataset['key']}",
        "data version": dataset["version_id"] or "the bucket keeps none",
        "data ETag": dataset["etag"],
        "data size": f"{dataset['bytes']:,d} bytes",
    }
    asked = {name: value for name, value in artifact["request"].items() if value is not None}
    return section(
        "Where it comes from",
        table(
            "Lineage",
            ["what", "value"],
            ([name, f"<code>{escape(value)}</code>"] for name, value in facts.items()),
            2,
        ),
        table(
            "The request, defaults filled in",
            ["field", "value"],
            ([escape(name), f"<code>{escape(value)}</code>"] for name, value in asked.items()),
            2,
        ),
    )

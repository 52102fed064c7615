"""What steps before the card put into an artifact, made by hand in the shapes of schemas/artifact.schema.json."""

import random
from typing import Any

Document = dict[str, Any]


def with_members(artifact: Document) -> Document:
    """The artifact with every member that a card can draw; figures are made up, names are its own."""
    draw = random.Random(1)
    inputs = artifact["signature"]["inputs"]
    positive = artifact["evaluation"]["positive_class"]
    names = [given["name"] for given in inputs]
    evaluation = artifact["evaluation"]
    more = {"curves": [entry | {"precision_recall": _curve(draw)} for entry in evaluation["curves"]]}
    if positive is not None:
        more["thresholds"] = [_threshold(place / 10, draw) for place in range(1, 10)]
    return artifact | {
        "verdict": _verdict(),
        "decision": {
            "positive_class": positive,
            "rule": "f1",
            "threshold": None if positive is None else 0.3,
        },
        "evaluation": evaluation | more,
        "explanation": artifact["explanation"]
        | {
            "permutation": _permutation(names, draw),
            "partial_dependence": [_dependence(given, artifact, draw) for given in inputs[:4]],
        },
        "profiles": artifact["profiles"]
        | {"columns": {given["name"]: _profile(given, artifact, draw) for given in inputs}},
        "groups": [
            {
                "column": names[0],
                "groups": [
                    _group("north", 40, 0.9, [0.77, 0.96], artifact),
                    _group(None, 12, 0.5, [0.25, 0.75], artifact),
                    _group(None, 30, 0.8, [0.63, 0.9], artifact) | {"others": True},
                ],
            }
        ],
        "lineage": artifact["lineage"]
        | {
            "drift": _drift(names, artifact),
            "regression": {
                "compared": True,
                "why_not": None,
                "current": "0123456789ab" + 52 * "0",
                "metrics": artifact["metrics"] | {"log_loss": 0.5},
            },
        },
    }


def _group(
    value: str | None, rows: int, accuracy: float, interval: list[float], artifact: Document
) -> Document:
    classes = [
        {"class": name, "rows": rows // 2, "recall": accuracy, "interval": interval}
        for name in artifact["model"]["classes"][:2]
    ]
    return {
        "value": value, "others": False, "rows": rows, "accuracy": accuracy, "interval": interval, "classes": classes,
    }  # fmt: skip


def _verdict() -> Document:
    return {
        "outcome": "better",
        "sentence": "Better than answering with the class shares: the log loss is 0.412 against 0.673 on 200 rows",
        "reasons": [
            "Log loss 0.412, the class shares 0.673: better.",
            "Right on 83.0%, always answering the best on 81.0%: may be chance.",
            "It answers one class to every test row.",
        ],
        "comparisons": [
            {
                "what": "log loss", "model": 0.412, "reference": 0.673, "against": "class shares of the train rows",
                "difference": 0.261, "interval": [0.2, 0.322], "p_value": 0.2, "method": "paired, normal",
            },
            {
                "what": "accuracy", "model": 0.83, "reference": 0.81, "against": "the best constant",
                "difference": 0.02, "interval": [-0.05, 0.09], "p_value": 0.00002, "method": "McNemar, exact",
            },
        ],
    }  # fmt: skip


def _threshold(value: float, draw: random.Random) -> Document:
    return {"threshold": value, **{name: draw.random() for name in ("precision", "recall", "f1", "flagged")}}


def _curve(draw: random.Random) -> Document:
    recall = [i / 20 for i in range(21)]
    return {
        "average_precision": 0.71,
        "recall": recall,
        "precision": [1 - 0.6 * place * place - 0.05 * draw.random() * place for place in recall],
    }


def _permutation(names: list[str], draw: random.Random) -> Document:
    grouped = names[:2] if len(names) > 2 else []
    return {
        "rows": 200,
        "repeats": 5,
        "loss": 0.412,
        "of_columns": len(names),
        "columns": [
            {
                "name": name,
                "mean": 0.31 if name in grouped else 0.2 * draw.random() - 0.01,
                "deviation": 0.02 if name in grouped else 0.01 * draw.random(),
                "group": 0 if name in grouped else None,
            }
            for name in names
        ],
        "groups": [{"columns": grouped, "mean": 0.31, "deviation": 0.02}] if grouped else [],
    }


def _dependence(given: Document, artifact: Document, draw: random.Random) -> Document:
    kind = given["kind"]
    values: list[Any] = given["values"] if kind in ("flag", "category") else [float(i) for i in range(12)]
    classes = artifact["model"]["classes"]
    shares = [[draw.random() + 0.2 for _ in classes] for _ in values]
    return {
        "column": given["name"],
        "kind": kind,
        "values": values,
        "probabilities": {
            name: [share[k] / sum(share) for share in shares] for k, name in enumerate(classes)
        },
    }


def _profile(given: Document, artifact: Document, draw: random.Random) -> Document:
    coded = given["kind"] in ("flag", "category")
    shape: Document = {"values": given["values"]} if coded else {"edges": [i / 2 for i in range(13)]}
    places = len(shape["values"]) + 1 if coded else 14
    return {
        "kind": given["kind"],
        **shape,
        **{
            side: {
                entry["name"]: [draw.randrange(int(40 * scale)) for _ in range(places)]
                for entry in artifact["classes"]
            }
            for side, scale in (("train", 1), ("test", 0.3))
        },
        "missing": {"train": 12, "test": 3},
    }


def _drift(names: list[str], artifact: Document) -> Document:
    return {
        "against": "0123456789ab" + 52 * "0",
        "why_not": None,
        "columns": {"gone": ["<gone>"], "new": names[:1]},
        "kinds": [{"name": names[0], "before": "left out", "now": "number"}],
        "compared": len(names),
        "features": [
            {
                "name": name,
                "psi": 0.3 / (i + 1),
                "chance": 0.12,
                "missing_before": 0.0,
                "missing_now": 0.1 * i,
            }
            for i, name in enumerate(names)
        ],
        "classes": [
            {"name": name, "before": 0.1 * (i + 1), "now": None}
            for i, name in enumerate(artifact["model"]["classes"])
        ],
        "class_psi": 0.02,
        "class_chance": 0.03,
        "moved": [{"name": names[0], "psi": 0.3, "chance": 0.12}],
    }

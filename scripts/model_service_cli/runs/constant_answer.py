"""What the metrics of a constant answer are on the same test rows, as the model's card has them: one rule for both.

Pure: a summary's document in, figures out.
"""

from typing import Any, cast

from model_service_cli.runs.got_to import part
from publish_artifact.artifact_types import Artifact
from publish_artifact.card import constant

_NEEDED = {"per_class", "majority_class", "positive_class"}


def constant_metrics(summary: dict[str, Any]) -> dict[str, float]:
    """By metric. {} without a summary, and of one that is older than what it follows from."""
    evaluation, trained = part(summary, "evaluation"), part(summary, "train_rows_per_class")
    if not trained or not evaluation.keys() >= _NEEDED:
        return {}
    supports = {name: figures["support"] for name, figures in evaluation["per_class"].items()}
    right = supports.get(evaluation["majority_class"], 0)
    asked = {
        "metrics": {"baseline_accuracy": right / sum(supports.values())},
        "evaluation": evaluation,
        "classes": [{"name": name, "train_rows": rows} for name, rows in trained.items()],
    }
    return {name: value for name, (value, _) in constant.constant_metrics(cast("Artifact", asked)).items()}


def constant_words(summary: dict[str, Any]) -> str:
    """Which answers these are; empty where there are none."""
    if not constant_metrics(summary):
        return ""
    evaluation = summary["evaluation"]
    told = f"constant: always answering {evaluation['majority_class']}, the train rows' most frequent class"
    if positive := evaluation["positive_class"]:
        told += f"; precision, recall and F1 of always answering {positive}"
    return f"{told}; log loss and Brier score of the train rows' class shares"

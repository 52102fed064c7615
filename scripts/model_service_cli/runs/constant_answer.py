"""What the metrics of a constant answer are, on the same test rows: always the most frequent class of the train rows.

Pure: they follow from the test rows' classes, which the summary's confusion matrix tells.
"""

from typing import Any


def constant_metrics(summary: dict[str, Any]) -> dict[str, float]:
    """accuracy, balanced_accuracy, precision, recall, f1, roc_auc and average_precision, as scikit-learn has them for
    one answer; log_loss of the train rows' class shares, where the verdict compared it. {} without a summary."""
    match summary.get("evaluation"):
        case {
            "majority_class": str(majority),
            "confusion_matrix": {"labels": list(labels), "counts": list(counts)},
        }:
            pass
        case _:
            return {}
    rows = dict(zip(labels, map(sum, counts), strict=True))
    total, seen = sum(rows.values()), [name for name, count in rows.items() if count]
    if not total:
        return {}
    share = rows.get(majority, 0) / total
    found = {
        "accuracy": share,
        "balanced_accuracy": (majority in seen) / len(seen),
        **_of_classes(summary, rows, majority),
    }
    if len(seen) > 1:
        found["roc_auc"] = 0.5
    match summary.get("verdict"):
        case {"comparisons": list(comparisons)}:
            for one in comparisons:
                if isinstance(one, dict) and one.get("what") == "log loss":
                    found["log_loss"] = one["reference"]
    return found


def _of_classes(summary: dict[str, Any], rows: dict[str, int], majority: str) -> dict[str, float]:
    """precision, recall and f1 of the positive class, or their means over the classes."""
    total = sum(rows.values())
    decision = summary.get("decision")
    positive = decision.get("positive_class") if isinstance(decision, dict) else None
    precision = rows.get(majority, 0) / total
    f1 = 2 * precision / (precision + 1)
    if positive is None:
        classes = len({*(name for name, count in rows.items() if count), majority})
        return {"precision": precision / classes, "recall": (precision > 0) / classes, "f1": f1 / classes}
    share = {"average_precision": rows.get(positive, 0) / total}
    if positive != majority:
        return {"precision": 0.0, "recall": 0.0, "f1": 0.0, **share}
    return {"precision": precision, "recall": float(precision > 0), "f1": f1, **share}

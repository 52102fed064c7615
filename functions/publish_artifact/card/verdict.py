"""What a model is worth, in one sentence, and what it is for and is not for."""

from publish_artifact.artifact_types import Artifact, Explanation
from publish_artifact.card.text import escape, name_of, percent, rows_of


def verdict(artifact: Artifact) -> tuple[str, str]:
    """ "good", "bad" or "unclear" (no better than the baseline), and the sentence that says so.

    The baseline answers the train rows' most frequent class. A model is better where its accuracy's whole 95%
    interval is above the baseline's accuracy on the same test rows, worse where it is below.
    """
    metrics = artifact["metrics"]
    low, high = metrics["accuracy_low"], metrics["accuracy_high"]
    accuracy, baseline = metrics["accuracy"], metrics["baseline_accuracy"]
    majority = f"&ldquo;{name_of(artifact['evaluation']['majority_class'])}&rdquo;"
    figures = (
        f"right on {percent(accuracy)} of {rows_of(artifact['split']['test_rows'])} it had not seen "
        f"(95% interval {percent(low)} to {percent(high)}), against {percent(baseline)}"
    )
    if low > baseline:
        return "good", f"This model is better than always answering {majority}: {figures}."
    if high < baseline:
        return "bad", f"This model is worse than always answering {majority}: {figures}. Do not use it."
    return (
        "unclear",
        f"This model is no better than always answering {majority}: {figures}. Do not rely on it.",
    )


def intended_use(artifact: Artifact, explanation: Explanation) -> list[str]:
    columns, classes = len(artifact["signature"]["inputs"]), len(artifact["model"]["classes"])
    label = name_of(artifact["request"]["label_column"])
    return [
        f"It predicts which of {classes} classes of {label} a row belongs to, from "
        f"{columns} column{'s' if columns > 1 else ''}, for rows that come about as the rows of this file did.",
        "It answers only with classes that it was trained on, and with a probability for each of them.",
        f"It is {escape(explanation['description'])}.",
    ]


def limits(artifact: Artifact, explanation: Explanation) -> list[str]:
    """Plainly, what the figures do not say, and what of this run's data weakens them."""
    metrics, split, evaluation = artifact["metrics"], artifact["split"], artifact["evaluation"]
    found = []
    if metrics["accuracy_low"] <= metrics["baseline_accuracy"]:
        found.append(
            "Its accuracy cannot be told from that of a constant answer (or is below it). Its labels are not worth "
            "acting on."
        )
    if split["method"] == "chronological":
        found.append(
            "The test rows are the last ones of the file. If rows follow one another in time, they are not "
            "independent, and the intervals here are too narrow."
        )
    else:
        found.append(
            "The test rows were drawn from the whole file. If rows follow one another in time, neighbours of test "
            "rows were trained on, and the figures are too good."
        )
    if artifact["request"].get("refit_all"):
        found.append(
            "After the figures here were measured the model was fitted once more, on train and test rows together: "
            "nothing is measured of the very model that is published."
        )
    if split["test_rows"] < 100:
        found.append(f"{rows_of(split['test_rows'])} are few to test on: see how wide the intervals are.")
    for names, what in (
        (evaluation["only_in_train"], "No test row had the class"),
        (evaluation["only_in_test"], "No train row had the class, so that it is never predicted:"),
    ):
        if names:
            more = f" and {len(names) - 5} more" if len(names) > 5 else ""
            found.append(f"{what} {', '.join(map(name_of, names[:5]))}{more}.")
    if artifact["dataset"]["invalid_rows"]:
        found.append(
            f"{rows_of(artifact['dataset']['invalid_rows'])} of the file were dropped; what they would have shown is "
            "unknown."
        )
    if explanation["measure"]["curves"]:
        found.append(
            "Real features are seldom normal within a class; where they are not, probabilities are off before labels "
            "are (see the reliability curve)."
        )
    found += [
        "It was measured on this file alone: nothing here says how it does on other data, later data, or on groups "
        "of rows within it.",
    ]
    return found

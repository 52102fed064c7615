"""What a card says first: what the model is worth, the comparisons behind that, and what limits it most."""

from publish_artifact.artifact_types import Comparison, Verdict
from publish_artifact.card.subject import Subject
from publish_artifact.card.text import (
    escape,
    line,
    listed,
    name_of,
    percent,
    rows_of,
    section,
    side_by_side,
    signed,
    soft,
    table_of,
    three,
)
from shared.verdict_words import headline, tone

_CLASSES_NAMED = 5


def header(subject: Subject) -> str:
    """The outcome, its sentence, and which model this is."""
    artifact = subject.artifact
    verdict = subject.artifact.get("verdict")
    if verdict:
        kind, outcome = tone(verdict["outcome"]), escape(headline(verdict["outcome"]))
        sentence = escape(verdict["sentence"])
    else:
        sentence = _plain_figures(subject)
        kind, outcome = "unclear", "Not judged: published before models were"
    warnings = "".join(f'<p class="warning">{escape(text)}</p>\n' for text in artifact.get("warnings", ()))
    return (
        f'<header class="{kind}">\n<p class="outcome">{outcome}</p>\n<h1>{sentence}</h1>\n{warnings}'
        f'<p class="soft">Model <code>{subject.sha256[:12]}</code> of '
        f"<code>{escape(artifact['request']['artifact_key'])}</code>, published "
        f"{escape(artifact['lineage']['created_at'][:10])}: {escape(subject.explanation['description'])}.</p>\n"
        "</header>\n"
    )


def _plain_figures(subject: Subject) -> str:
    metrics, evaluation = subject.artifact["metrics"], subject.artifact["evaluation"]
    return (
        f"Right on {percent(metrics['accuracy'])} of {rows_of(subject.artifact['split']['test_rows'])} it had not "
        f"seen; always answering &ldquo;{name_of(evaluation['majority_class'])}&rdquo; is right on "
        f"{percent(metrics['baseline_accuracy'])} of them"
    )


def judged(subject: Subject) -> str:
    """The paired comparisons behind the verdict, beside what limits the model most."""
    verdict = subject.artifact.get("verdict")
    found = (
        [*(escape(reason) for reason in _against_it(verdict)), *limits(subject)]
        if verdict
        else limits(subject)
    )
    return section(
        "What limits it most",
        side_by_side(listed(found), _comparisons(verdict["comparisons"]) if verdict else ""),
    )


def _against_it(verdict: Verdict) -> list[str]:
    """The reasons that do not speak for the model: each comparison has its own, in their order, before the others."""
    comparisons = verdict["comparisons"]
    unsure = [
        reason
        for one, reason in zip(comparisons, verdict["reasons"], strict=False)
        if one["interval"][0] <= 0
    ]
    return [*unsure, *verdict["reasons"][len(comparisons) :]]


def _comparisons(comparisons: list[Comparison]) -> str:
    if not comparisons:
        return ""
    lines = "".join(
        line(
            [
                f'{escape(entry["what"])}<br><span class="soft">against {escape(entry["against"])}</span>',
                three(entry["model"]),
                three(entry["reference"]),
                f"{signed(entry['difference'])} <br>"
                f'<span class="soft">{signed(entry["interval"][0])} to {signed(entry["interval"][1])}</span>',
                "-" if entry["p_value"] is None else _p_value(entry["p_value"]),
            ],
        )
        for entry in comparisons
    )
    methods = "; ".join(dict.fromkeys(escape(f"{entry['what']}: {entry['method']}") for entry in comparisons))
    header = ["measure", "model", "other", "better by", "p"]
    return table_of("Judged on the same test rows, pair by pair", header, lines) + soft(
        f"{methods}. Together 95% of such intervals hold what they are about (Bonferroni)."
    )


def _p_value(value: float) -> str:
    return "&lt; 0.001" if value < 0.001 else f"{value:.3f}"


def limits(subject: Subject) -> list[str]:
    """Plainly, what the figures do not say, and what of this run's data weakens them."""
    artifact = subject.artifact
    split, evaluation = artifact["split"], artifact["evaluation"]
    found = []
    for names, what in (
        (evaluation["only_in_train"], "No test row had the class"),
        (evaluation["only_in_test"], "No train row had the class, so that it is never predicted:"),
    ):
        if names:
            left = len(names) - _CLASSES_NAMED
            rest = f" and {left} more" if left > 0 else ""
            found.append(f"{what} {', '.join(map(name_of, names[:_CLASSES_NAMED]))}{rest}.")
    if split["test_rows"] < 100:
        found.append(f"{rows_of(split['test_rows'])} are few to test on: see how wide the intervals are.")
    if artifact["request"].get("refit_all"):
        found.append(
            "After the figures here were measured the model was fitted once more, on train and test rows together: "
            "nothing is measured of the very model that is published."
        )
    if dropped := artifact["dataset"]["invalid_rows"]:
        were, they = ("was", "it") if dropped == 1 else ("were", "they")
        found.append(
            f"{rows_of(dropped)} of the file {were} dropped; what {they} would have shown is unknown."
        )
    if split["method"] == "chronological":
        found.append(
            "The test rows are the last ones. Rows that follow one another in time are not independent: the intervals "
            "of the metrics take them so, and are too narrow."
        )
    else:
        found.append(
            "The test rows were drawn from the whole file. If rows follow one another in time, neighbours of test "
            "rows were trained on, and the figures are too good."
        )
    if subject.importance.curves:
        found.append(
            "Real features are seldom normal within a class; where they are not, probabilities are off before labels "
            "are (see the reliability curve)."
        )
    found.append("It was measured on this file alone: nothing here says how it does on other or later data.")
    return found

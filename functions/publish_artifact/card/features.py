"""The part of a model card about the model itself: which features matter, and what it takes them to be like."""

from publish_artifact.artifact_types import Artifact, Explanation
from publish_artifact.card.figures import Figures, class_legend
from publish_artifact.card.style import SERIES
from publish_artifact.card.text import CLASSES_SHOWN, escape, name_of, paragraph, section, table
from shared.event_fields import Json
from shared.model.importance import Curve, Importance

FEATURES_SHOWN = 12


def features_section(artifact: Artifact, explanation: Explanation, figures: Figures) -> str:
    found = Importance.from_json(explanation["measure"])
    classes = artifact["model"]["classes"]
    order = found.strongest()[:FEATURES_SHOWN]
    two = len(classes) == 2
    against = (
        f"for {name_of(classes[1])} against {name_of(classes[0])}"
        if two
        else "for each class against the mean"
    )
    strong = list(found.numbers)[:CLASSES_SHOWN]
    if len(found.numbers) == 1:
        drawn = figures.effects(
            "What matters", [(found.names[j], found.numbers[strong[0]][j]) for j in order]
        )
        drawn = f'<div class="figures">{drawn}</div>\n'
    else:
        drawn = table(
            f"{found.measure.capitalize()}, the strongest first",
            ["feature", *(name_of(name or "", 24) for name in strong)],
            (
                [name_of(found.names[j]), *(f"{found.numbers[name][j]:+.2f}" for name in strong)]
                for j in order
            ),
        )
    hidden = (
        f"The {len(order)} of {found.count} features that matter most are shown."
        if found.count > len(order)
        else ""
    )
    return section(
        "What it goes by",
        paragraph(
            f"By {escape(found.measure)}: {escape(found.meaning)}{'' if None in found.numbers else f', {against}'}.",
            hidden,
        ),
        drawn,
        *_curves(artifact, found, order, figures),
    )


def _curves(artifact: Artifact, found: Importance, order: list[int], figures: Figures) -> list[str]:
    """The normal curves of the features, of a model that assumes some."""
    shown = [found.names[j] for j in order if found.names[j] in found.curves]
    if not shown:
        return []
    trained = sorted(
        (entry for entry in artifact["classes"] if entry["train_rows"]),
        key=lambda entry: (-entry["train_rows"], entry["name"]),
    )
    statistics = {c["name"]: c["statistics"] for c in artifact["columns"] if "statistics" in c}
    drawn = []
    for name in shown:
        curves = {curve.name: curve for curve in found.curves[name]}
        drawn.append(
            figures.normals(
                name,
                _span(statistics.get(name), list(curves.values())),
                [
                    (curve.name, curve.mean, curve.deviation)
                    for curve in (curves[entry["name"]] for entry in trained)
                ],
            )
        )
    most = f"The {SERIES} classes with most train rows are drawn." if len(trained) > SERIES else ""
    one_spread = all(len({curve.deviation for curve in found.curves[name]}) == 1 for name in shown)
    return [
        "<h3>The normal curves the model assumes</h3>\n",
        paragraph(
            "Drawn from the mean and deviation of each class in the train rows: not a histogram of the data.",
            "This model takes one spread for all classes." if one_spread else "",
            most,
        ),
        class_legend([entry["name"] for entry in trained]),
        f'<div class="figures">{"".join(drawn)}</div>\n',
    ]


def _span(statistics: Json | None, curves: list[Curve]) -> tuple[float, float]:
    """Where the feature's values lie: in the data, or of a part of a date, about the curves."""
    if statistics is not None:
        return statistics["min"], statistics["max"]
    low = min(curve.mean - 2 * curve.deviation for curve in curves)
    return low, max(curve.mean + 2 * curve.deviation for curve in curves)

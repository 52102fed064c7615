"""The part of a model card about the model itself: which features matter, and what it takes them to be like."""

import math

from publish_artifact.card_figures import Figures, class_legend
from publish_artifact.card_strength import strengths, strongest
from publish_artifact.card_style import SERIES
from publish_artifact.card_text import CLASSES_SHOWN, name_of, paragraph, section, table
from shared.event_fields import Json

FEATURES_SHOWN = 12


def features_section(artifact: Json, figures: Figures) -> str:
    model = artifact["model"]
    found = strengths(artifact)
    order = strongest(found)[:FEATURES_SHOWN]
    names = model["features"]
    linear = model["covariance"] == "pooled"
    what = "standardised linear coefficients" if linear else "standardised mean differences"
    two = len(model["classes"]) == 2
    against = (
        f"for {name_of(model['classes'][1])} against {name_of(model['classes'][0])}"
        if two
        else "for each class against the mean"
    )
    sense = (
        f"What one deviation more of a feature, the others staying as they are, adds to the log-odds {against}."
        if linear
        else f"How far apart the means are, in deviations within a class, {against}. The model takes "
        + ("the features as independent." if model["covariance"] == "diagonal" else "the features together.")
    )
    trained = sorted(
        (e for e in artifact["classes"] if e["train_rows"]), key=lambda e: (-e["train_rows"], e["name"])
    )
    strong = list(found)[:CLASSES_SHOWN]
    if two:
        drawn = figures.effects("What matters", [(names[j], found[strong[0]][j]) for j in order])
        drawn = f'<div class="figures">{drawn}</div>\n'
    else:
        drawn = table(
            f"{what.capitalize()}, the strongest first",
            ["feature", *(name_of(name, 24) for name in strong)],
            ([name_of(names[j]), *(f"{found[name][j]:+.2f}" for name in strong)] for j in order),
        )
    spread = [math.sqrt(row[j]) for j, row in enumerate(model["covariances"][0])] if linear else []
    positions = {name: i for i, name in enumerate(names)}
    statistics = {
        c["name"]: c["statistics"]
        for c in artifact["columns"]
        if c["name"] in positions and "statistics" in c
    }
    curves = "".join(
        figures.normals(
            names[j],
            (statistics[names[j]]["min"], statistics[names[j]]["max"]),
            [
                (entry["name"], entry["mean"][j], spread[j] if linear else entry["deviation"][j])
                for entry in trained
            ],
        )
        for j in order
    )
    most = f"The {SERIES} classes with most train rows are drawn." if len(trained) > SERIES else ""
    hidden = (
        f"The {len(order)} of {len(names)} features that matter most are shown."
        if len(names) > len(order)
        else ""
    )
    return section(
        "What it goes by",
        paragraph(f"By {what}. {sense}", hidden),
        drawn,
        "<h3>The normal curves the model assumes</h3>\n",
        paragraph(
            "Drawn from the mean and deviation of each class in the train rows: not a histogram of the data.",
            "This model takes one spread for all classes." if linear else "",
            most,
        ),
        class_legend([entry["name"] for entry in trained]),
        f'<div class="figures">{curves}</div>\n',
    )

"""Which features matter to a model, in units that can be compared: of one standard deviation within the classes."""

import math
from collections.abc import Sequence

from shared.event_fields import Json

Matrix = Sequence[Sequence[float]]


def strengths(artifact: Json) -> dict[str, list[float]]:
    """Class -> number per feature (d): what a step of one within-class deviation says for the class.

    pooled: standardised linear coefficients, the change of the class's log-odds against the mean class (of two
    classes: of the second one's log-odds against the first's). Else standardised mean differences: how far the
    class's mean is from the mean of all train rows (of two: from the first class's), in within-class deviations.
    """
    model = artifact["model"]
    entries = {entry["name"]: entry for entry in artifact["classes"]}
    fitted = [entries[name] for name in model["classes"]]
    scale = within_deviations(fitted)
    priors, means = model["priors"], model["means"]
    if len(means) == 2:
        origin = means[0]
        named = [(model["classes"][1], means[1])]
    else:
        origin = [math.sumprod(priors, column) for column in zip(*means, strict=True)]
        named = list(zip(model["classes"], means, strict=True))
    if model["covariance"] != "pooled":
        return {name: _differences(mean, origin, scale) for name, mean in named}
    covariance = model["covariances"][0]
    scale = [math.sqrt(row[j]) for j, row in enumerate(covariance)]
    correlations = [
        [value / (scale[j] * scale[k]) for k, value in enumerate(row)] for j, row in enumerate(covariance)
    ]
    lower = _cholesky(correlations)
    return {name: _solved(lower, _differences(mean, origin, scale)) for name, mean in named}


def within_deviations(classes: Sequence[Json]) -> list[float]:
    """Standard deviation (d) of the train rows about their class's mean."""
    rows = sum(entry["train_rows"] for entry in classes)
    return [
        math.sqrt(
            math.fsum(entry["train_rows"] * value**2 for entry, value in zip(classes, column, strict=True))
            / rows
        )
        for column in zip(*(entry["deviation"] for entry in classes), strict=True)
    ]


def strongest(found: dict[str, list[float]]) -> list[int]:
    """Indices of the features, the one with the largest number for any class first."""
    largest = [max(map(abs, column)) for column in zip(*found.values(), strict=True)]
    return sorted(range(len(largest)), key=lambda j: (-largest[j], j))


def _differences(mean: Sequence[float], origin: Sequence[float], scale: Sequence[float]) -> list[float]:
    return [(a - b) / s if s else 0.0 for a, b, s in zip(mean, origin, scale, strict=True)]


def _cholesky(matrix: Matrix) -> list[list[float]]:
    lower: list[list[float]] = []
    for j, column in enumerate(matrix):
        row: list[float] = []
        for k in range(j):
            row.append((column[k] - math.sumprod(row, lower[k][:k])) / lower[k][k])
        lower.append([*row, math.sqrt(column[j] - math.sumprod(row, row))])
    return lower


def _solved(lower: Matrix, right: Sequence[float]) -> list[float]:
    """(L L^T)^-1 right."""
    size = len(lower)
    forward: list[float] = []
    for j, row in enumerate(lower):
        forward.append((right[j] - math.sumprod(row[:j], forward)) / row[j])
    result = [0.0] * size
    for j in reversed(range(size)):
        rest = math.fsum(lower[i][j] * result[i] for i in range(j + 1, size))
        result[j] = (forward[j] - rest) / lower[j][j]
    return result

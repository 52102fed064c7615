"""The artifact is enough to rebuild the scikit-learn estimator: it predicts what ours and a fitted one predict."""

import csv
import warnings
from array import array
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import StandardScaler

from shared.model.predictor import predict
from shared.parts import Part
from summarize.rows.placed_parts import Stretch
from summarize.rows.split import ShuffledSplit, held_out_per_class


def rebuilt(model: dict) -> GaussianNB | LinearDiscriminantAnalysis | QuadraticDiscriminantAnalysis:
    """The estimator with the artifact's parameters: nothing is fitted."""
    priors, means = np.array(model["priors"]), np.array(model["means"])
    covariances = np.array(model["covariances"])
    if model["covariance"] == "diagonal":
        estimator = GaussianNB()
        estimator.class_prior_, estimator.theta_, estimator.var_ = priors, means, covariances
    elif model["covariance"] == "pooled":
        estimator = LinearDiscriminantAnalysis(solver="lsqr")
        estimator.priors_, estimator.means_, (estimator.covariance_,) = priors, means, covariances
        coefficients = np.linalg.solve(estimator.covariance_, means.T).T
        intercepts = np.log(priors) - np.sum(means * coefficients, axis=1) / 2
        if len(priors) == 2:  # one decision function, of the second class against the first
            coefficients, intercepts = np.diff(coefficients, axis=0), np.diff(intercepts)
        estimator.coef_, estimator.intercept_ = coefficients, intercepts
    else:
        estimator = QuadraticDiscriminantAnalysis()
        estimator.priors_, estimator.means_ = priors, means
        # Any pair will do that whitens, rotation / sqrt(scaling) = L^-T, and has the determinant.
        factors = list(map(np.linalg.cholesky, covariances))
        estimator.scalings_ = [np.diag(factor) ** 2 for factor in factors]
        estimator.rotations_ = [np.linalg.inv(factor).T * np.diag(factor) for factor in factors]
    estimator.classes_ = np.array(model["classes"])
    estimator.n_features_in_ = len(model["means"][0])
    return estimator


def names_in(artifact: dict) -> list[str]:
    return [column["name"] for column in artifact["signature"]["inputs"]]


def rows_of(path: Path, artifact: dict) -> tuple[np.ndarray, np.ndarray]:
    """Features and labels of the complete rows."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = [
            (
                [row[column["name"]] for column in artifact["signature"]["inputs"]],
                row[artifact["request"]["label_column"]],
            )
            for row in csv.DictReader(file)
        ]
    complete = [(cells, label) for cells, label in rows if not {"", "NA"} & {*cells, label}]
    return np.array([cells for cells, _ in complete], float), np.array([label for _, label in complete])


def drawn(y: np.ndarray, test_size: float, seed: int) -> np.ndarray:
    """Whether each row is a test row of a shuffled split."""
    names = tuple(dict.fromkeys(y.tolist()))
    rows = dict(Counter(y.tolist()))
    chosen = ShuffledSplit(rows, held_out_per_class(rows, test_size), seed)
    part = Part([], array("H", map(names.index, y.tolist())), names)
    return np.frombuffer(chosen.mask(Stretch(part, 0, {})), bool)


def standardised(model: dict, scaler: StandardScaler) -> dict:
    """The same naive Bayes or linear model for standardised columns."""
    diagonal = model["covariance"] == "diagonal"
    scale = scaler.scale_**2 if diagonal else np.outer(scaler.scale_, scaler.scale_)
    return model | {
        "means": scaler.transform(model["means"]),
        "covariances": np.array(model["covariances"]) / scale,
    }


@pytest.mark.parametrize("name", ["iris", "wine", "penguins", "candles"])
@pytest.mark.parametrize("covariance", ["diagonal", "pooled", "full"])
def test_rebuilt_fitted_and_our_own_prediction_agree(name, covariance, published_numbers, data_files):
    """Both get standardised columns where units matter to scikit-learn. Its linear analysis multiplies before it
    centres, which costs it digits (1.5e-9 on the penguins' body mass in grams); its naive Bayes smooths all columns by
    the largest variance. Ours depend on no unit."""
    artifact = published_numbers(name, covariance=covariance)
    model = artifact["model"]
    X, y = rows_of(data_files[name], artifact)
    ours = predict(
        artifact,
        dict(zip(names_in(artifact), X.T.tolist(), strict=True)),
    )

    split = artifact["split"]
    train = ~drawn(y, split["test_size"], split["seed"])
    if covariance != "full":
        scaler = StandardScaler().fit(X[train])
        X, model = scaler.transform(X), standardised(model, scaler)
    estimator = rebuilt(model)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted = type(estimator)(**estimator.get_params()).fit(X[train], y[train])

    assert ours.labels == estimator.predict(X).tolist() == fitted.predict(X).tolist()
    for peer in (estimator, fitted):
        probabilities = peer.predict_proba(X)
        # Below 1e-50 a logarithm is over 100, and the candles' nearly collinear prices leave it eleven digits.
        np.testing.assert_allclose(np.array(ours.probabilities).T, probabilities, rtol=1e-9, atol=1e-50)
    assert artifact["metrics"]["accuracy"] == pytest.approx(fitted.score(X[~train], y[~train]), rel=1e-12)

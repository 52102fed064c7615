# %% [markdown]
# # A look at a trained model
#
# From the files of one run: the validated rows as NumPy arrays, what the model says of them, its numbers in a
# scikit-learn estimator where there is one like it, and a picture. `make explore` runs this file on the model
# published last; Jupyter and most editors open it cell by cell.

# %%
import json
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.naive_bayes import GaussianNB

from shared.event_fields import printable
from shared.model.predictor import predict

if __name__ == "__main__" and "ipykernel" not in sys.modules:
    mpl.use("agg")  # a file, no window
import matplotlib.pyplot as plt

folder = Path(sys.argv[1] if len(sys.argv) > 1 and "ipykernel" not in sys.modules else "tmp/explore")
artifact = json.loads((folder / "artifact.json").read_text(encoding="utf-8"))
model = artifact["model"]
what = f"covariance {model['covariance']}" if model["kind"] == "gaussian" else model["kind"].replace("_", " ")
print(f"{printable(artifact['dataset']['key'])}: {artifact['dataset']['rows']:,} rows, {what}")

# %% [markdown]
# ## The validated rows
#
# A part is a NumPy archive: `X` (rows, numbers and dates) as float64 with NaN where a cell is missing; of each flag
# and category `codes_<j>` into `values_<j>`, where "" is a missing cell; `y` a class code per row into `classes`. j
# counts all of the manifest's `features`. Parts are in the CSV's order; together they are all of its valid rows.

# %%
manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
parts: list[dict[str, np.ndarray]] = []
for path in sorted(folder.glob("part-*.npz")):
    with np.load(path) as part:
        numbers = iter(part["X"].T)
        columns = {
            name: part[f"values_{j}"][part[f"codes_{j}"]] if f"codes_{j}" in part else next(numbers)
            for j, name in enumerate(manifest["features"])
        }
        parts.append(columns | {"": part["classes"][part["y"]]})
rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
y = rows.pop("")

# %% [markdown]
# ## Columns of numbers
#
# A date tells its position in time and the parts of the calendar that vary. A missing number is the mean of its column,
# and a category is a column of 0 and 1 for each of its values but one, as the artifact says. A constant is in no model.


# %%
def part_of_date(part: str, seconds: np.ndarray) -> np.ndarray:
    """A part of the calendar as a number, NaN where the date is missing."""
    days = np.floor(seconds / 86_400)
    known = np.nan_to_num(days).astype("datetime64[D]")
    months = known.astype("datetime64[M]").astype(int) % 12 + 1.0
    return {
        "position": seconds,
        "hour": seconds // 3600 % 24,
        "day of week": (days + 3) % 7,
        "month": np.where(np.isnan(seconds), np.nan, months),
    }[part]


CODES = {"": 0}  # 1 is any value that is not in the vocabulary
features, vocabularies = {}, {}
for given in artifact["signature"]["inputs"]:
    column = rows[given["name"]]
    if "values" in given:
        codes = CODES | {value: 2 + k for k, value in enumerate(given["values"])}
        features[given["name"]] = np.array([codes.get(value, 1) for value in column.tolist()])
        vocabularies[given["name"]] = ["missing", "other", *given["values"]]
    for entry in given.get(
        "parts", [] if "values" in given else [{"part": "position", "feature": given["name"]}]
    ):
        features[entry["feature"]] = part_of_date(entry["part"], column)

made = model.get("columns") if model["kind"] == "gaussian" else None
if not made or model["tables"]:  # no design of the model's own, or not of all its features
    made = [{"feature": name, "missing": None} for name in features if name not in vocabularies]
    made += [
        {"feature": name, "codes": [code]}
        for name, values in vocabularies.items()
        for code in range(3, len(values))
    ]


def column_of(entry: dict) -> np.ndarray:
    """A column of numbers, as the model's design says."""
    values = features[entry["feature"]]
    if "codes" in entry:
        return np.isin(values, entry["codes"]).astype(float)
    missing = np.nanmean(values) if entry["missing"] is None else entry["missing"]
    return np.where(np.isnan(values), missing, values)


def name_of(entry: dict) -> str:
    """The feature, or one of its values."""
    name = entry["feature"]
    return f"{name} = {vocabularies[name][entry['codes'][0]]}" if "codes" in entry else name


X, column_names = np.column_stack([column_of(entry) for entry in made]), list(map(name_of, made))
print(
    f"X {X.shape}, classes {dict(zip(*map(np.ndarray.tolist, np.unique(y, return_counts=True)), strict=True))}"
)

# %% [markdown]
# ## The rows it has not seen
#
# The run has left a line for each row that was held out: its place among the valid rows, and what the model said of it.
# A run of older code has left none; then a chronological split's test rows are the last ones, the first where the
# newest come first, and of a shuffled split all rows are looked at alike.

# %%
is_test = np.zeros(len(y), dtype=bool)
if (folder / "test-rows.npz").exists():
    with np.load(folder / "test-rows.npz") as held_out:
        is_test[held_out["place"]] = True
elif artifact["split"]["method"] == "chronological":
    order = manifest["report"]["columns"].get(artifact["split"]["time_order"], {}).get("order")
    count = artifact["split"]["test_rows"]
    is_test[slice(count) if order == "falls" else slice(len(y) - count, None)] = True
apart = bool(is_test.any())
if not apart:
    is_test[:] = True
prediction = predict(artifact, {name: column.tolist() for name, column in rows.items()})
probabilities, predicted = np.array(prediction.probabilities).T, np.array(prediction.labels)
classes = model["classes"]
right = predicted == y
which = "held-out rows" if apart else "all rows"
accuracy = float(np.mean(right[is_test]))
print(f"accuracy {accuracy:.4f} on {which}; the artifact says {artifact['metrics']['accuracy']:.4f} held out")
if apart:
    print(f"on train rows {np.mean(right[~is_test]):.4f}")

# %% [markdown]
# ## The estimator, rebuilt
#
# A Gaussian discriminant is its priors, means and covariances, and they are in the artifact: nothing is fitted here.
# scikit-learn keeps them in other shapes, by covariance `diagonal` (Gaussian naive Bayes), `pooled` (LDA) or `full`
# (QDA). Naive Bayes of categories, and other kinds of model, have no such estimator.


# %%
def rebuilt(model: dict) -> GaussianNB | LinearDiscriminantAnalysis | QuadraticDiscriminantAnalysis:
    """The scikit-learn estimator with the artifact's parameters."""
    priors, means = np.array(model["priors"]), np.array(model["means"])
    covariances = np.array(model["covariances"])
    if model["covariance"] == "diagonal":
        estimator = GaussianNB()
        estimator.class_prior_, estimator.theta_, estimator.var_ = priors, means, covariances
    elif model["covariance"] == "pooled":
        estimator = LinearDiscriminantAnalysis(solver="lsqr")
        coefficients = np.linalg.solve(covariances[0], means.T).T
        intercepts = np.log(priors) - np.sum(means * coefficients, axis=1) / 2
        if len(priors) == 2:  # one decision function: the second class against the first
            coefficients, intercepts = np.diff(coefficients, axis=0), np.diff(intercepts)
        estimator.coef_, estimator.intercept_ = coefficients, intercepts
    else:
        estimator = QuadraticDiscriminantAnalysis()
        estimator.priors_, estimator.means_ = priors, means
        factors = [np.linalg.cholesky(covariance) for covariance in covariances]
        estimator.scalings_ = [np.diag(factor) ** 2 for factor in factors]
        estimator.rotations_ = [np.linalg.inv(factor).T * np.diag(factor) for factor in factors]
    estimator.classes_ = np.array(model["classes"])
    estimator.n_features_in_ = len(model["columns"])
    return estimator


skips = (
    model["kind"] == "gaussian"
    and model["covariance"] == "diagonal"
    and any(np.isnan(values).any() for name, values in features.items() if name not in vocabularies)
)  # a missing number, which GaussianNB does not take
if model["kind"] == "gaussian" and not model["tables"] and not skips:
    same = np.abs(rebuilt(model).predict_proba(X) - probabilities).max() if len(y) else 0.0
    print(f"scikit-learn's estimator with the artifact's numbers says the same, to {same:.0e}")

# %% [markdown]
# ## What it has learnt, and what comes of it
#
# - Left: how far apart the classes' means are, in standard deviations of the column, of train rows (hollow) and of test
#   rows (filled). Columns at which all classes meet tell little by themselves; where the two lie apart, the test rows
#   are of another kind.
# - Middle: the probability that the model gives to a row's true class, of train rows (dashed) and of test rows. Good
#   models pile up at the right; a heap at the left is a class that is mistaken for another; dashed lines far to the
#   right of the others are a model that knows its train rows by heart.
# - Right: true against predicted class, of the test rows.

# %%
COLOURS = ["#0072B2", "#D55E00", "#00805E", "#A0588F", "#6B6B6B"]
MARKERS = ["o", "s", "^", "D", "v"]
SHOWN = 12  # columns and classes: a picture of more is a carpet

names = [
    name if len(name) <= 24 else name[:21] + "..." for name in (str(c).replace("$", r"\$") for c in classes)
]


def offsets_of(chosen: np.ndarray) -> np.ndarray:
    """Of each class's mean over these rows from the mean over all, in standard deviations; NaN without a row."""
    means = [X[chosen & (y == name)] for name in classes]
    means = np.array([some.mean(axis=0) if len(some) else np.full(X.shape[1], np.nan) for some in means])
    return (means - X.mean(axis=0)) / np.where(deviation > 0, deviation, 1)


deviation = X.std(axis=0)
everywhere = offsets_of(np.ones(len(y), dtype=bool))
strongest = np.argsort(-np.nan_to_num(np.ptp(everywhere, axis=0)), kind="stable")[:SHOWN][::-1]
sides = [("test", is_test), *([("train", ~is_test)] if apart else [])]

plt.rcParams.update({"font.size": 10, "axes.spines.top": False, "axes.spines.right": False})
figure, (left, middle, right_hand) = plt.subplots(1, 3, figsize=(14, 4.8), layout="constrained")
bins = np.linspace(0, 1, 21)
for side, chosen in sides:
    offsets, is_filled = offsets_of(chosen), side == "test"
    for k, name in enumerate(names[:SHOWN]):
        colour, marker = COLOURS[k % len(COLOURS)], MARKERS[k % len(MARKERS)]
        left.scatter(
            offsets[k, strongest],
            range(len(strongest)),
            edgecolors=colour,
            facecolors=colour if is_filled else "none",
            marker=marker,
            s=45 if is_filled else 80,
            label=name if is_filled else None,
            zorder=3,
        )
        own = probabilities[chosen & (y == classes[k]), k]
        if len(own):
            middle.hist(
                own,
                bins,
                weights=np.full(len(own), 1 / len(own)),
                histtype="step",
                color=colour,
                linewidth=2 if is_filled else 1,
                linestyle="solid" if is_filled else "dashed",
            )
left.axvline(0, color="#BBBBBB", linewidth=1)
feature_names = [column_names[j].replace("$", r"\$") for j in strongest]
left.set_yticks(
    range(len(strongest)), [name if len(name) <= 24 else name[:21] + "..." for name in feature_names]
)
left.grid(axis="y", color="#E5E5E5")
left.set_xlabel("mean of the class, in standard deviations from the column's")
left.set_title(f"Where the classes' means lie{' (hollow: train rows)' if apart else ''}", loc="left")
left.locator_params(axis="x", nbins=6)
figure.legend(*left.get_legend_handles_labels(), frameon=False, loc="outside upper right", ncols=6)
middle.set_xlabel("probability given to the true class")
middle.set_ylabel("share of the class's rows")
middle.set_title(f"How sure it is of the truth{' (dashed: train rows)' if apart else ''}", loc="left")

counts = np.array([[np.sum(is_test & (y == a) & (predicted == b)) for b in classes] for a in classes])[
    :SHOWN, :SHOWN
]
shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
right_hand.imshow(shares, cmap="Blues", vmin=0, vmax=1)
for (i, j), count in np.ndenumerate(counts):
    right_hand.text(
        j, i, f"{count:,}", ha="center", va="center", color="white" if shares[i, j] > 0.55 else "#222222"
    )
right_hand.set_xticks(range(len(counts)), names[:SHOWN], rotation=30 if max(map(len, names)) > 6 else 0)
right_hand.set_yticks(range(len(counts)), names[:SHOWN])
right_hand.set(xlabel="predicted", ylabel="true")
right_hand.set_title(f"True and predicted ({which})", loc="left")
figure.suptitle(
    f"{len(classes)} classes, {len(features)} features, {what}; "
    f"accuracy {accuracy:.3f} ({which}), baseline {artifact['metrics']['baseline_accuracy']:.3f} (held-out rows)",
    x=0.01,
    ha="left",
    weight="bold",
)
target = folder / "model.png"
try:
    figure.savefig(target, dpi=110)
except OSError as error:  # a disk that is full, say
    sys.exit(f"explore: {target}: {error.strerror}")
print(f"picture: {target}")

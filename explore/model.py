# %% [markdown]
# # A look at a trained model
#
# From the files of one run, without the pipeline's code: the validated rows as NumPy arrays, the scikit-learn
# estimator rebuilt from the artifact's numbers, and a picture of both. `make explore` runs this file on the model
# published last; Jupyter and most editors open it cell by cell.

# %%
import json
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.naive_bayes import GaussianNB

if __name__ == "__main__" and "ipykernel" not in sys.modules:
    mpl.use("agg")  # a file, no window
import matplotlib.pyplot as plt

folder = Path(sys.argv[1] if len(sys.argv) > 1 and "ipykernel" not in sys.modules else "tmp/explore")
artifact = json.loads((folder / "artifact.json").read_text(encoding="utf-8"))
model = artifact["model"]
print(f"{artifact['dataset']['key']}: {artifact['dataset']['rows']:,} rows, covariance {model['covariance']}")

# %% [markdown]
# ## The validated rows
#
# A part is a NumPy archive: `X` (rows, features) as float64, `y` a class code per row, `classes` the names of the
# codes in this part. Parts are in the CSV's order; together they are all of its valid rows.

# %%
features, labels = [], []
for path in sorted(folder.glob("part-*.npz")):
    with np.load(path) as part:
        features.append(part["X"])
        labels.append(part["classes"][part["y"]])
manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
inputs = [column["name"] for column in artifact["signature"]["inputs"]]  # a constant column is in no model
columns = [manifest["features"].index(name) for name in inputs]
X, y = np.concatenate(features)[:, columns], np.concatenate(labels)
print(
    f"X {X.shape}, classes {dict(zip(*map(np.ndarray.tolist, np.unique(y, return_counts=True)), strict=True))}"
)

# %% [markdown]
# ## The estimator, rebuilt
#
# Nothing is fitted: priors, means and covariances are in the artifact. scikit-learn keeps them in other shapes, by
# covariance `diagonal` (Gaussian naive Bayes), `pooled` (LDA) or `full` (QDA). Where a class or a column was left out
# of the model, the arrays of the model count.


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
    estimator.n_features_in_ = len(inputs)
    return estimator


estimator = rebuilt(model)

# %% [markdown]
# ## The rows it has not seen
#
# A chronological split holds out the last rows. Which rows a shuffled one drew, the pipeline's code knows
# (`summarize.split.ShuffledSplit`); here all rows are looked at then, and the figure says so.

# %%
chronological = artifact["split"]["method"] == "chronological"
seen = slice(len(y) - artifact["split"]["test_rows"] if chronological else 0, None)
X_shown, y_shown = X[seen], y[seen]
probabilities = estimator.predict_proba(X_shown)
predicted = estimator.classes_[probabilities.argmax(axis=1)]
accuracy = float(np.mean(predicted == y_shown))
rows = "held-out rows" if chronological else "all rows"
print(f"accuracy {accuracy:.4f} on {rows}; the artifact says {artifact['metrics']['accuracy']:.4f} held out")

# %% [markdown]
# ## What it has learnt, and what comes of it
#
# - Left: how far apart the classes' means are, in standard deviations of the column. Columns at which all classes
#   meet tell little by themselves.
# - Middle: the probability that the model gives to a row's true class. Good models pile up at the right; a heap at
#   the left is a class that is mistaken for another.
# - Right: true against predicted class.

# %%
COLOURS = ["#0072B2", "#D55E00", "#00805E", "#A0588F", "#6B6B6B"]
MARKERS = ["o", "s", "^", "D", "v"]
SHOWN = 12  # columns and classes: a picture of more is a carpet

classes = estimator.classes_.tolist()
names = [
    name if len(name) <= 24 else name[:21] + "..." for name in (str(c).replace("$", r"\$") for c in classes)
]
means = np.array(model["means"])
deviation = X.std(axis=0)
offsets = (means - X.mean(axis=0)) / np.where(deviation > 0, deviation, 1)
strongest = np.argsort(-np.ptp(offsets, axis=0), kind="stable")[:SHOWN][::-1]

plt.rcParams.update({"font.size": 10, "axes.spines.top": False, "axes.spines.right": False})
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(14, 4.8), layout="constrained")
for k, name in enumerate(names[:SHOWN]):
    colour, marker = COLOURS[k % len(COLOURS)], MARKERS[k % len(MARKERS)]
    left.scatter(
        offsets[k, strongest], range(len(strongest)), color=colour, marker=marker, s=45, label=name, zorder=3
    )
    own = probabilities[y_shown == classes[k], k]
    if len(own):
        bins = np.linspace(0, 1, 21)
        middle.hist(
            own,
            bins,
            weights=np.full(len(own), 1 / len(own)),
            histtype="step",
            color=colour,
            linewidth=2,
            label=name,
        )
left.axvline(0, color="#BBBBBB", linewidth=1)
feature_names = [inputs[j].replace("$", r"\$") for j in strongest]
left.set_yticks(
    range(len(strongest)), [name if len(name) <= 24 else name[:21] + "..." for name in feature_names]
)
left.grid(axis="y", color="#E5E5E5")
left.set_xlabel("mean of the class, in standard deviations from the column's")
left.set_title("Where the classes' means lie", loc="left")
left.locator_params(axis="x", nbins=6)
figure.legend(*left.get_legend_handles_labels(), frameon=False, loc="outside upper right", ncols=6)
middle.set_xlabel("probability given to the true class")
middle.set_ylabel("share of the class's rows")
middle.set_title(f"How sure it is of the truth ({rows})", loc="left")

counts = np.array([[np.sum((y_shown == a) & (predicted == b)) for b in classes] for a in classes])[
    :SHOWN, :SHOWN
]
shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
right.imshow(shares, cmap="Blues", vmin=0, vmax=1)
for (i, j), count in np.ndenumerate(counts):
    right.text(
        j, i, f"{count:,}", ha="center", va="center", color="white" if shares[i, j] > 0.55 else "#222222"
    )
right.set_xticks(range(len(counts)), names[:SHOWN], rotation=30 if max(map(len, names)) > 6 else 0)
right.set_yticks(range(len(counts)), names[:SHOWN])
right.set(xlabel="predicted", ylabel="true")
right.set_title(f"True and predicted ({rows})", loc="left")
figure.suptitle(
    f"{len(classes)} classes, {len(inputs)} features, covariance {model['covariance']}; "
    f"accuracy {accuracy:.3f} ({rows}), baseline {artifact['metrics']['baseline_accuracy']:.3f} (held-out rows)",
    x=0.01,
    ha="left",
    weight="bold",
)
target = folder / "model.png"
figure.savefig(target, dpi=110)
print(f"picture: {target}")

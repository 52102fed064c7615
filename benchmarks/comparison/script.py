"""The job as a plain script: read, split, fit, evaluate, write a model.

.venv-comparison/bin/python benchmarks/comparison/script.py CSV FOLDER
"""

import json
import math
import pickle
import sys
from pathlib import Path

import pandas as pd
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import accuracy_score, f1_score


def main(csv: Path, folder: Path) -> None:
    frame = pd.read_csv(csv)
    features = frame.select_dtypes("number").drop(columns="label")
    if features.isna().any().any():
        raise SystemExit(f"{csv} has missing values")
    train = len(frame) - math.ceil(0.2 * len(frame))
    model = LinearDiscriminantAnalysis(solver="lsqr").fit(features[:train], frame["label"][:train])
    predicted = model.predict(features[train:])
    metrics = {
        "accuracy": accuracy_score(frame["label"][train:], predicted),
        "f1": f1_score(frame["label"][train:], predicted),
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.pkl").write_bytes(pickle.dumps(model))
    print(json.dumps(metrics))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))

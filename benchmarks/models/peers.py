"""A model of someone else, fitted on train.csv and asked about test.csv.

    python peers.py MODEL FOLDER LABEL OUTPUT   (in the environment .venv-benchmark-models)

FOLDER is one of `split_tables.py`; OUTPUT gets the classes and the probabilities of each test row, as JSON. Settings
are the libraries' own but for early stopping, which a person would switch on, at a rate of 0.05 with up to 1,000 trees.
Text columns are encoded as each library's documentation has it; what is learned, is learned from the train rows.
"""

import json
import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that wait do not keep the others from working

import numpy as np
import pandas as pd
from catboost import CatBoostClassifier
from lightgbm import LGBMClassifier, early_stopping
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

THREADS = 2


class Table:
    """Train rows X with labels y, test rows, and which columns are numbers and which are text."""

    def __init__(self, folder: Path, label: str) -> None:
        self.X = pd.read_csv(folder / "train.csv", low_memory=False)
        self.y = self.X.pop(label).astype(str).to_numpy()
        self.test = pd.read_csv(folder / "test.csv", low_memory=False)
        self.numbers = [
            name
            for name in self.X
            if pd.api.types.is_numeric_dtype(self.X[name]) and not pd.api.types.is_bool_dtype(self.X[name])
        ]
        self.text = [name for name in self.X if name not in self.numbers]
        for frame in (self.X, self.test):
            frame[self.text] = frame[self.text].astype(object).where(frame[self.text].notna(), np.nan)
            frame[self.numbers] = frame[self.numbers].astype(float)

    def ordinal(self) -> ColumnTransformer:
        """Numbers as they are, then text as codes."""
        codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan, max_categories=200)
        return ColumnTransformer([("numbers", "passthrough", self.numbers), ("text", codes, self.text)])

    def is_text(self) -> list[bool]:
        """Of the columns of `ordinal`."""
        return [False] * len(self.numbers) + [True] * len(self.text)


Answer = tuple[np.ndarray, np.ndarray]  # classes (K,), probabilities (n, K)


def logistic_regression(table: Table) -> Answer:
    columns = ColumnTransformer(
        [
            (
                "numbers",
                make_pipeline(SimpleImputer(strategy="mean", add_indicator=True), StandardScaler()),
                table.numbers,
            ),
            (
                "text",
                make_pipeline(
                    SimpleImputer(strategy="constant", fill_value="missing"),
                    OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=20),
                ),
                table.text,
            ),
        ],
        sparse_threshold=0,
    )
    model = make_pipeline(columns, LogisticRegression(max_iter=300)).fit(table.X, table.y)
    return model.classes_, model.predict_proba(table.test)


def hist_gradient_boosting(table: Table, **settings) -> Answer:
    boosting = HistGradientBoostingClassifier(
        categorical_features=table.is_text(), random_state=0, **settings
    )
    model = make_pipeline(table.ordinal(), boosting).fit(table.X, table.y)
    return model.classes_, model.predict_proba(table.test)


def hist_gradient_boosting_stopped(table: Table) -> Answer:
    return hist_gradient_boosting(table, early_stopping=True, max_iter=1000, learning_rate=0.05)


def lightgbm(table: Table) -> Answer:
    columns = table.ordinal()
    model = LGBMClassifier(verbose=-1, random_state=0, n_jobs=THREADS)
    model.fit(
        columns.fit_transform(table.X), table.y, categorical_feature=np.flatnonzero(table.is_text()).tolist()
    )
    return model.classes_, model.predict_proba(columns.transform(table.test))


def lightgbm_stopped(table: Table) -> Answer:
    columns = table.ordinal()
    X, watched, y, y_watched = train_test_split(
        columns.fit_transform(table.X), table.y, test_size=0.15, random_state=0
    )
    # A class of a few rows may lie in one of the two parts alone: LightGBM does not watch what it has not seen.
    known = np.isin(y_watched, y)
    model = LGBMClassifier(verbose=-1, random_state=0, n_jobs=THREADS, n_estimators=1000, learning_rate=0.05)
    model.fit(
        X,
        y,
        eval_set=[(watched[known], y_watched[known])],
        callbacks=[early_stopping(30, verbose=False)],
        categorical_feature=np.flatnonzero(table.is_text()).tolist(),
    )
    return model.classes_, model.predict_proba(columns.transform(table.test))


def catboost(table: Table) -> Answer:
    for frame in (table.X, table.test):
        frame[table.text] = (
            frame[table.text].where(frame[table.text].notna(), "missing").astype(str).astype(object)
        )
    model = CatBoostClassifier(verbose=0, random_seed=0, thread_count=THREADS, allow_writing_files=False)
    model.fit(table.X, table.y.astype(object), cat_features=table.text)
    return np.array(model.classes_), model.predict_proba(table.test)


MODELS: dict[str, Callable[[Table], Answer]] = {
    "CatBoost": catboost,
    "LightGBM": lightgbm,
    "LightGBM, early stopping": lightgbm_stopped,
    "HistGradientBoosting": hist_gradient_boosting,
    "HistGradientBoosting, early stopping": hist_gradient_boosting_stopped,
    "LogisticRegression": logistic_regression,
}

if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    model, folder, label, output = sys.argv[1:]
    classes, probabilities = MODELS[model](Table(Path(folder), label))
    answer = {"classes": [str(name) for name in classes], "probabilities": np.asarray(probabilities).tolist()}
    Path(output).write_text(json.dumps(answer))

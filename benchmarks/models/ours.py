"""This repository's product, trained on train.csv and asked about test.csv: the three steps on files, then predict.

    python ours.py MODEL FOLDER LABEL OUTPUT   (in the environment .venv)

FOLDER is one of `split_tables.py`; OUTPUT gets the classes and the probabilities of each test row, as JSON. The request
names the label and asks for a shuffled split; the pipeline evaluates its model on a hundredth of train.csv, which it
therefore does without. What comes after publication is `make predict` on the published artifact alone.
"""

import csv
import io
import json
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from fetch_and_validate.stage import stage
from folder_storage import FolderStorage
from model_service_cli.predict.predict import write_predictions
from publish_artifact.publication import publish
from shared.config import Config
from shared.contracts import TrainingRequest
from shared.event_fields import S3Reference
from shared.model.predictor import Predictor
from summarize.choosing.fold_task import FoldTask, fit_fold
from summarize.summarize import summarize

_BUCKET, _KEY = "data", "train.csv"
_OWN_TEST_SIZE = 0.01


def artifact(train: Path, label: str, root: Path) -> dict[str, Any]:
    """The artifact that the steps publish for this CSV."""
    (root / _BUCKET).mkdir()
    shutil.copy(train, root / _BUCKET / _KEY)
    storage = FolderStorage(root)
    config = Config(shard_bytes=2 << 30)  # one shard: the work of one process
    request = TrainingRequest.from_event(
        {
            "bucket": _BUCKET,
            "key": _KEY,
            "label_column": label,
            "split": "shuffled",
            "test_size": _OWN_TEST_SIZE,
        },
        config,
    )
    dataset = stage(request, storage, config)
    # As the state machine has it: each fold an invocation of its own, which has its own time.
    folds = [fit_fold(FoldTask(dataset, fold), storage).fold for fold in dataset.folds]
    published = publish(summarize(replace(dataset, folds=tuple(folds)), storage), storage)
    place = published.artifact
    return json.loads(storage.read(S3Reference(place["bucket"], place["key"])))


def main() -> None:
    _, folder, label, output = sys.argv[1:]
    with tempfile.TemporaryDirectory() as root:
        published = artifact(Path(folder, "train.csv"), label, Path(root))
    predictor = Predictor(published)
    table = io.StringIO()
    write_predictions(predictor, [Path(folder, "test.csv").read_bytes()], table, published["request"])
    table.seek(0)
    lines = csv.reader(table)
    next(lines)
    probabilities = [[float(cell) for cell in line[1:]] for line in lines]
    Path(output).write_text(json.dumps({"classes": list(predictor.classes), "probabilities": probabilities}))


if __name__ == "__main__":
    main()

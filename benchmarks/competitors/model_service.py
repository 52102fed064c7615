"""This repository's logic: FetchAndValidate, then Summarize, on files.

The request asks for the Gaussian and leaves the rest as it is: the last 20 % of the rows are the test rows,
covariance "pooled" (LDA). It says `force`: what an earlier repetition has left is not found, but done again.
"""

import json
import time
from pathlib import Path
from typing import Any

from fetch_and_validate.stage import stage
from folder_storage import FolderStorage
from shared.config import Config
from shared.contracts import TrainingRequest, ValidatedDataset
from summarize.summarize import summarize

_NOT_READ = "timestamp"
_OUTPUT = "fetch-and-validate.json"


def staged(
    csv: Path,
    root: Path,
    storage: FolderStorage,
    label: str = "label",
    **more: object,
) -> ValidatedDataset:
    """Step 1's output for this file; of the candles the columns are read that the peers read too. more: other fields of
    the request."""
    with csv.open(encoding="utf-8") as file:
        left_out = [name for name in [_NOT_READ] if name in file.readline()]
    bucket, key = csv.relative_to(root).as_posix().split("/", 1)
    config = Config(shard_bytes=2 << 30)  # one shard, whatever the size: the work of one Lambda
    fields = {
        "bucket": bucket,
        "key": key,
        "label_column": label,
        "model": "gaussian",
        "split": "chronological",
    }
    fields |= {"exclude_columns": left_out} if left_out else {}
    request = TrainingRequest.from_event(fields | {"force": True} | more, config)
    return stage(request, storage, config)


def run(csv: Path, root: Path) -> dict[str, Any]:
    """Both steps in one process, as a competitor's whole job; csv: `<root>/<bucket>/<key>`."""
    dataset = staged(csv, root, FolderStorage(root))
    validated = time.perf_counter()
    return _summarized(dataset, root) | {"validated_at": validated}


def fetch_and_validate(csv: Path, root: Path) -> dict[str, Any]:
    """Step 1 alone; its output is left in the folder for step 2."""
    dataset = staged(csv, root, FolderStorage(root))
    (root / _OUTPUT).write_text(json.dumps(dataset.to_event()))
    return {"rows": dataset.dataset["rows"]}


def summarize_alone(csv: Path, root: Path) -> dict[str, Any]:
    """Step 2 alone, on what step 1 left in the folder."""
    return _summarized(ValidatedDataset.from_event(json.loads((root / _OUTPUT).read_text())), root)


def _summarized(dataset: ValidatedDataset, root: Path) -> dict[str, Any]:
    metrics = summarize(dataset, FolderStorage(root)).metrics
    return {"rows": dataset.dataset["rows"], "accuracy": metrics["accuracy"], "f1": metrics["f1"]}

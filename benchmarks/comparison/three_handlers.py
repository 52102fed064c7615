"""This pipeline's three handlers in a row in one process, with a folder in the place of S3.

python three_handlers.py CSV FOLDER     functions/ and benchmarks/ are on PYTHONPATH
"""

import json
import shutil
import sys
from pathlib import Path

from fetch_and_validate import handler as fetch_and_validate
from folder_storage import FolderStorage
from publish_artifact import handler as publish_artifact
from summarize import handler as summarize


def main(csv: Path, folder: Path) -> None:
    storage = FolderStorage(folder)
    data = folder / "ml-data-demo" / "data" / csv.name
    data.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(csv, data)
    event = {
        "key": f"data/{csv.name}",
        "model": "gaussian",
        "feature_columns": ["open", "high", "low", "close", "volume"],  # what the other two ways read
        "split": "chronological",
    }
    for step in (fetch_and_validate, summarize, publish_artifact):
        step.storage = storage
        event = step.handler(event, None)
    print(json.dumps({name: event["metrics"][name] for name in ("accuracy", "f1")}))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))

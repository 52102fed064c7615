#!/usr/bin/env python3
"""Copies what explore/model.py reads: a published artifact, its run's manifest and the validated parts.

    scripts/local-env.sh .venv/bin/python explore/fetch.py FOLDER [--model WHICH]

Into the folder go artifact.json, manifest.json, part-00000.npz and on, and test-rows.npz, which says which rows were
held out; runs of older code have left none. WHICH: as for `make predict`.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from model_service_cli.cloud import client
from model_service_cli.door import run_command
from model_service_cli.models.artifact_reader import WHICH, load
from shared.manifest_parts import part_entries
from shared.run_files import RunFiles
from shared.storage import Storage


def fetch(artifact: dict[str, Any], s3: Any, folder: Path) -> None:
    """Writes the files of the artifact's run, and nothing else of an earlier one stays in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    held_out = folder / "test-rows.npz"
    for old in (*folder.glob("part-*.npz"), held_out):
        old.unlink(missing_ok=True)
    files = RunFiles(artifact["request"]["artifact_bucket"], artifact["lineage"]["run_id"])

    def read(key: str) -> bytes:
        return s3.get_object(Bucket=files.bucket, Key=key)["Body"].read()

    manifest = json.loads(read(files.manifest.key))
    for index, part in enumerate(part_entries(manifest, files.bucket, Storage(s3))):
        (folder / f"part-{index:05d}.npz").write_bytes(read(part["key"]))
    if reference := artifact["lineage"].get("test_rows"):
        held_out.write_bytes(read(reference["key"]))
    for name, document in (("manifest", manifest), ("artifact", artifact)):
        (folder / f"{name}.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="", help=f"{WHICH}; else the newest")
    options = parser.parse_args(arguments)
    artifact, where = load(options.model)
    fetch(artifact, client("s3"), options.folder)
    print(f"{where}, run {artifact['lineage']['run_id']}: copied to {options.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(run_command("explore", main))

"""Parsing with full validation beside the bare bound, in one process, taking turns: noise hits both alike.

    python parsing.py ROUNDS ROOT UNQUOTED.csv [QUOTED.csv ...]

Seconds are processor seconds of this process, which is single-threaded, so that a busy machine matters less.
Prints {"bound": {block KiB: [seconds]}, "validated": [[seconds] per file], "written": [seconds], "part_mb": what a
part may hold}: `validated` is step 1 with its parts thrown away, `written` the whole of step 1 on the first file.
"""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import folder_storage
from competitors import model_service, standard_library
from fetch_and_validate.part_writer import PART_BYTES
from shared.event_fields import S3Reference

BLOCKS_KIB = (64, 96, 128, 192, 256)


class DiscardingStorage(folder_storage.FolderStorage):
    """Reads as ever; what is written is made, and then thrown away."""

    def write(self, reference: S3Reference, content: bytes, content_type: str) -> None: ...


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    rounds, root = int(sys.argv[1]), Path(sys.argv[2])
    files = [Path(name) for name in sys.argv[3:]]
    discarding, writing = DiscardingStorage(root), folder_storage.FolderStorage(root)
    bound = defaultdict(list)
    validated = [[] for _ in files]
    written = []
    for _ in range(rounds):
        for kib in BLOCKS_KIB:
            bound[kib].append(seconds(lambda kib=kib: standard_library.parse(files[0], kib << 10)))
        for file, found in zip(files, validated, strict=True):
            found.append(seconds(lambda file=file: model_service.staged(file, root, discarding)))
        written.append(seconds(lambda: model_service.staged(files[0], root, writing)))
    print(
        json.dumps({"bound": bound, "validated": validated, "written": written, "part_mb": PART_BYTES / 1e6})
    )


if __name__ == "__main__":
    main()

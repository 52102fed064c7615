"""A request and its CSV, looked at as the functions would, before anything is set up, deployed or uploaded.

The checks are the functions' own: fields and what they say of each other, and the columns by the head of the file and
a sample of its rows. What only all rows tell, such as one invalid cell, the run tells.
"""

from collections.abc import Iterator
from pathlib import Path

from fetch_and_validate.folder_plan import make_folder_plan
from fetch_and_validate.plan import make_plan
from model_service_cli.door import CommandError
from model_service_cli.runs.data_files import data_files
from shared.config import Config
from shared.contracts import TrainingRequest
from shared.errors import InvalidDatasetError, InvalidRequestError
from shared.event_fields import Json
from shared.object_store import PinnedObject

_CHUNK_BYTES = 1 << 18


class LocalFiles:
    """Files of this machine by their keys, read in the way in which the functions read objects (`Content`)."""

    def __init__(self, paths: dict[str, Path]) -> None:
        self._paths = paths

    def pinned(self, bucket: str) -> list[PinnedObject]:
        """The files as objects, in the order of their keys."""
        paths = sorted(self._paths.items())
        return [PinnedObject(bucket, key, None, "", path.stat().st_size) for key, path in paths]

    def stream(self, source: PinnedObject, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        left = (source.bytes if end is None else end) - start
        with self._paths[source.key].open("rb") as file:
            file.seek(start)
            while chunk := file.read(min(_CHUNK_BYTES, left)):
                left -= len(chunk)
                yield chunk


def check(request: Json, path: Path | None, config: Config) -> None:
    """Raises CommandError for what the run would refuse: of the request, and of the file or folder at `path`.

    config: of the deployment; before there is one, its defaults. path: None where the CSV lies in S3 already.
    """
    try:
        asked = TrainingRequest.from_event(request, config)
    except InvalidRequestError as error:
        raise CommandError(f"INPUT: {error}", exit_status=2) from None
    if path is None:
        return
    try:
        if path.is_dir():
            files = LocalFiles({asked.key + name: path / name for name in data_files(path)})
            make_folder_plan(files, files.pinned(asked.bucket), asked, config.shard_bytes)
        else:
            files = LocalFiles({path.name: path})
            make_plan(files, files.pinned(asked.bucket)[0], asked, config.shard_bytes)
    except InvalidDatasetError as error:
        hint = "" if "label_column" in request else _which_label(str(error))
        raise CommandError(f"DATA {path}: {error}{hint}", exit_status=2) from None
    except OSError as error:
        raise CommandError(f"DATA {path} cannot be read: {error.strerror}", exit_status=2) from error


def _which_label(message: str) -> str:
    """What to do where nobody has said which column the classes are in, and none is called label."""
    return "; LABEL names the class column" if message.startswith("label_column ") else ""

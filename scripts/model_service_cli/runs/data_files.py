"""Which files of a folder of this machine are data, by the rule that holds for the objects under a key."""

from pathlib import Path

from model_service_cli.door import CommandError
from shared.folder import MAX_OBJECTS, is_data


def data_files(folder: Path) -> list[str]:
    """The paths below the folder of the files that belong to the dataset, with / between names, sorted.

    Raises CommandError where there are none, more than a dataset may have, or one whose name S3 does not take.
    """
    found = []
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and is_data(name, path.stat().st_size):
            try:
                name.encode()
            except UnicodeEncodeError:
                raise CommandError(
                    f"DATA {folder}: {name!r} is not UTF-8, so it cannot be an S3 name", 2
                ) from None
            found.append(name)
    if not found:
        raise CommandError(
            f"DATA {folder} has no file with data: none but empty ones and those under names that begin with _ or .",
            2,
        )
    if len(found) > MAX_OBJECTS:
        raise CommandError(
            f"DATA {folder} has {len(found):,} files; a dataset has {MAX_OBJECTS:,} at most", 2
        )
    return sorted(found)

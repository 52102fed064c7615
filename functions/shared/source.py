"""What a run is trained on, pinned: an object, or a folder of them."""

from shared.errors import DatasetChangedError, DatasetNotFoundError, InvalidDatasetError
from shared.event_fields import Json
from shared.folder import PinnedFolder, objects_in
from shared.object_store import ObjectStore, PinnedObject

Source = PinnedObject | PinnedFolder


def source_from(identity: Json) -> Source:
    """The object or folder that `identity` described."""
    return (PinnedFolder if "objects" in identity else PinnedObject).from_identity(identity)


def check_still_newest(store: ObjectStore, source: Source) -> None:
    """Raises DatasetChangedError when the CSV, or an object of the folder, is another since it was pinned, or gone."""
    if isinstance(source, PinnedFolder):
        _check_folder(store, source)
        return
    try:
        newest = store.pin(source.bucket, source.key)
    except DatasetNotFoundError as error:
        raise DatasetChangedError(f"{source} was deleted while the run went on") from error
    if newest != source:
        raise DatasetChangedError(
            f"{source} was replaced while the run went on: start it again for {newest}, or name a version_id, "
            "which is trained on whatever comes after it"
        )


def _check_folder(store: ObjectStore, folder: PinnedFolder) -> None:
    try:
        objects = objects_in(store, folder.bucket, folder.key)
    except (DatasetNotFoundError, InvalidDatasetError) as error:
        raise DatasetChangedError(f"{folder} changed while the run went on: {error}") from error
    newest = PinnedFolder.of(folder.bucket, folder.key, objects)
    if newest != folder:
        raise DatasetChangedError(
            f"{folder} changed while the run went on: it had {folder.objects:,} objects with {folder.bytes:,} bytes, "
            f"and now has {newest.objects:,} with {newest.bytes:,}, others among them: start the run again"
        )

"""Where a published model lies: an immutable version beside its stable key, and the version's card beside that."""

from shared.event_fields import S3Reference


def version_of(stable: S3Reference, digest: str) -> S3Reference:
    """Where the version with this content digest lies: beside the stable key, in a folder of its name."""
    folder, slash, name = stable.key.rpartition("/")
    stem = name.rpartition(".")[0] or name
    return S3Reference(stable.bucket, f"{folder}{slash}{stem}/versions/{digest}.json")


def card_of(version: S3Reference) -> S3Reference:
    """Where the card of a published version lies: beside it."""
    return S3Reference(version.bucket, f"{version.key.removesuffix('.json')}.card.html")

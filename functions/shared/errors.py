"""The error contract: the class names are API.

The Lambda runtime reports an exception's class name as the error type, and the state machine's
ErrorEquals matches that name. Permanent errors are caught into named Fail states; transient ones
are retried with backoff.
"""


class PermanentError(Exception):
    """The same input fails in the same way again: the state machine never retries it."""


class InvalidRequestError(PermanentError):
    """A field of the request, or a reference between two steps, is unknown, mistyped or out of range."""


class DatasetNotFoundError(PermanentError):
    """The CSV's bucket, key or version does not exist, or may not be read; or a folder has no object of data."""


class InvalidDatasetError(PermanentError):
    """The CSV cannot be trained on; the message names the line, the column and what is allowed.

    line: 1-based, where one line is to blame; it counts from the beginning of what was read, so that a
    shard's error can be told as the whole file's. key: of the object of a folder that is to blame.
    """

    def __init__(self, text: str, line: int | None = None, key: str | None = None) -> None:
        where = [] if key is None else [f"object '{key}'"]
        where += [] if line is None else [f"line {line}"]
        super().__init__(": ".join([", ".join(where)] * bool(where) + [text]))
        self.text = text
        self.line = line
        self.key = key


class DatasetChangedError(PermanentError):
    """What was pinned or written at an earlier moment of the run is gone or has other content."""


class ModelRejectedError(PermanentError):
    """The model is below the quality gate of its request; nothing was published."""


class ArtifactConflictError(PermanentError):
    """The place an artifact belongs to holds something else."""


class TransientStorageError(Exception):
    """S3 did not answer, throttled or failed; the same call may succeed later."""

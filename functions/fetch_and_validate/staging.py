"""Step 1 as a whole: the pinned CSV becomes parts and a manifest under `runs/<run_id>/dataset/`."""

import hashlib
from array import array
from functools import partial

from fetch_and_validate.cells import LabelCodes
from fetch_and_validate.columns import Schema, choose_columns
from fetch_and_validate.compression import gunzipped, is_gzip
from fetch_and_validate.dialect import HEAD_BYTES, detect_dialect
from fetch_and_validate.records import peek, read_blocks, skip
from fetch_and_validate.report import ValidationReport
from fetch_and_validate.typed_rows import TypedRows, type_rows
from shared.config import Config
from shared.contracts import (
    Json,
    S3Reference,
    TrainingRequest,
    ValidatedDataset,
    canonical_json,
    run_id_of,
)
from shared.documents import MANIFEST_VERSION
from shared.errors import InvalidDatasetError
from shared.object_store import ObjectStore
from shared.parts import Part, part_to_npz

PART_BYTES = 4 << 20  # of feature values: what a part costs in memory, here and in Summarize


class PartWriter:
    """Gathers typed rows and writes a part whenever PART_BYTES of feature values have come together."""

    def __init__(
        self, storage: ObjectStore, bucket: str, prefix: str, features: int, labels: LabelCodes
    ) -> None:
        self.parts: list[Json] = []
        self._storage = storage
        self._bucket = bucket
        self._prefix = prefix
        self._labels = labels
        self._rows_per_part = max(1, PART_BYTES // (8 * features))
        self._columns = [array("d") for _ in range(features)]
        self._codes = array("H")

    def add(self, rows: TypedRows) -> None:
        for column, values in zip(self._columns, rows.features, strict=True):
            column.fromlist(values)
        self._codes.extend(rows.codes)
        if len(self._codes) >= self._rows_per_part:
            self.flush()

    def flush(self) -> None:
        """Writes what has been gathered, if anything, as the next part."""
        if not self._codes:
            return
        classes = tuple(self._labels.classes)
        codes = array("B", self._codes) if len(classes) <= 256 else self._codes
        content = part_to_npz(Part(self._columns, codes, classes))
        reference = S3Reference(self._bucket, f"{self._prefix}part-{len(self.parts):05d}.npz")
        self._storage.write(reference, content, "application/zip")
        self.parts.append(
            {
                "key": reference.key,
                "rows": len(codes),
                "bytes": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
        )
        self._columns = [array("d") for _ in self._columns]
        self._codes = array("H")


class Staging:
    """One run of step 1: what has been found out so far, so that a rejection can report it too."""

    def __init__(self, request: TrainingRequest, storage: ObjectStore, config: Config) -> None:
        self._request = request
        self._storage = storage
        self._source = storage.pin(request.bucket, request.key, request.version_id)
        self._parameters = request.parameters() | {"version_id": self._source.version_id}
        self._code_version = config.code_version
        self.run_id = run_id_of(self._parameters, self._source.identity(), config.code_version)
        self._prefix = f"runs/{self.run_id}/dataset/"
        self._schema = Schema((), (), -1)
        self._report = ValidationReport(())

    def run(self) -> ValidatedDataset:
        """Validates the CSV and writes the parts; the manifest last, so that it never lies.

        Of a rejected dataset the manifest is written too, with the report and without parts.
        """
        manifest = S3Reference(self._request.artifact_bucket, self._prefix + "manifest.json")
        try:
            outcome = {"status": "valid", "parts": self._write_parts()}
        except InvalidDatasetError as error:
            outcome = {"status": "rejected", "error": str(error), "parts": []}
            self._write_manifest(manifest, outcome)
            raise
        self._write_manifest(manifest, outcome)
        return ValidatedDataset(
            run_id=self.run_id,
            execution_arn=self._request.execution_arn,
            dataset=self._source.identity()
            | {"rows": self._report.rows, "invalid_rows": self._report.invalid_rows},
            manifest=manifest,
        )

    def _write_parts(self) -> list[Json]:
        request = self._request
        chunks = self._storage.stream(self._source)
        if is_gzip(self._source):
            chunks = gunzipped(chunks)
        head, complete, chunks = peek(chunks, HEAD_BYTES)
        dialect = detect_dialect(head, complete, request.delimiter)
        schema = self._schema = choose_columns(dialect, request)
        report = self._report = ValidationReport(schema.feature_names)
        labels = LabelCodes(request.label_column)
        writer = PartWriter(
            self._storage, request.artifact_bucket, self._prefix, len(schema.features), labels
        )
        body = skip(chunks, dialect.body_offset)
        blocks = read_blocks(body, dialect.delimiter, len(schema.columns), dialect.body_line)
        for rows in map(partial(type_rows, schema=schema, labels=labels), blocks):
            report.add(rows.statistics, labels.count(rows.codes), rows.problems)
            if (
                not report.invalid_rows or request.max_invalid_rows
            ):  # else it is rejected, and only counted on
                writer.add(rows)
            del rows  # before the next block is read
        report.check(request.label_column, request.max_invalid_rows)
        writer.flush()
        return writer.parts

    def _write_manifest(self, manifest: S3Reference, outcome: Json) -> None:
        document = {
            "manifest_version": MANIFEST_VERSION,
            "run_id": self.run_id,
            "code_version": self._code_version,
            "request": self._parameters,
            "source": self._source.identity(),
            "columns": [column.to_json() for column in self._schema.columns],
            "features": list(self._schema.feature_names),
            "report": self._report.to_json(),
            **outcome,
        }
        self._storage.write(manifest, canonical_json(document), "application/json")


def stage(request: TrainingRequest, storage: ObjectStore, config: Config) -> ValidatedDataset:
    """The validated dataset of a request, written to its run's folder.

    Raises DatasetNotFoundError, DatasetChangedError, InvalidDatasetError, and InvalidRequestError for an
    artifact bucket that cannot be written.
    """
    return Staging(request, storage, config).run()

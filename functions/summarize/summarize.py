"""Step 2 as a whole: fit on the train rows, evaluate on the held-out rows, write `runs/<run_id>/summary.json`.

The summary of an earlier run of the same work is found and not made again, unless the request says force.
The parts are walked twice, one at a time, so memory holds one part and not the dataset.
"""

import hashlib
import math
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import compress

from shared.contracts import TrainingSummary, ValidatedDataset, canonical_json
from shared.documents import SUMMARY_VERSION, find_summary, read_manifest
from shared.errors import DatasetChangedError, InvalidRequestError
from shared.event_fields import Json, S3Reference
from shared.object_store import ObjectStore
from shared.parts import Part, part_from_npz
from shared.run_files import RunFiles
from summarize.class_summary import ClassSummary, merge_by_class, summary_of
from summarize.discriminant import Discriminant, Scorer, fit, predicted_of, probabilities_of
from summarize.evaluation import Evaluation, positive_class
from summarize.gate import gate
from summarize.split import held_out_count, held_out_masks

_STEP = "Summarize"
_BLOCK_ROWS = 4096  # columns of a block stay in the processor's cache
_INVERTED = bytes([1, 0]) + bytes(254)


def summarize(dataset: ValidatedDataset, storage: ObjectStore) -> TrainingSummary:
    """The summary of a validated dataset: the model, its metrics and the gate's verdict on them.

    Raises InvalidRequestError (no such run), InvalidDatasetError (no model can be fitted to it) and
    DatasetChangedError (a part is gone or altered).
    """
    manifest = _manifest(dataset, storage)
    summary = RunFiles(dataset.manifest.bucket, dataset.run_id).summary
    document = None if dataset.conditions.force else find_summary(storage, summary, dataset.run_id)
    if document:
        dataset = replace(dataset, cached=(*dataset.cached, _STEP))
    else:
        document = _summary(dataset, manifest, storage)
        storage.write(summary, canonical_json(document), "application/json")
    current = dataset.conditions.current_model
    verdict = gate(manifest["request"], document["metrics"], current.metrics if current else {})
    return TrainingSummary(dataset, document["metrics"], verdict, summary)


def _summary(dataset: ValidatedDataset, manifest: Json, storage: ObjectStore) -> Json:
    request = manifest["request"]
    rows = manifest["report"]["rows"]
    held_out = held_out_count(rows, request["test_size"])
    bucket = dataset.manifest.bucket

    masks = partial(
        held_out_masks,
        request["split"],
        [entry["rows"] for entry in manifest["parts"]],
        held_out,
        request["seed"],
    )
    parts = [partial(_part, storage, bucket, entry) for entry in manifest["parts"]]

    summaries = summaries_by_class(
        read().select(mask.translate(_INVERTED))
        for read, mask in zip(parts, masks(), strict=True)
        if 0 in mask
    )
    model = fit(summaries, manifest["features"], request["covariance"])
    kept = [manifest["features"].index(name) for name in model.features]
    evaluation = evaluate(
        model, kept, (read().select(mask) for read, mask in zip(parts, masks(), strict=True) if 1 in mask)
    )
    majority = max(sorted(summaries), key=lambda name: summaries[name].count)
    metrics = evaluation.metrics(majority)
    return {
        "summary_version": SUMMARY_VERSION,
        "run_id": dataset.run_id,
        "manifest": dataset.manifest.to_event(),
        "model": model.to_json(),
        "metrics": metrics,
        "split": {
            "method": request["split"],
            "seed": request["seed"],
            "test_size": request["test_size"],
            "train_rows": rows - held_out,
            "test_rows": held_out,
        },
        "evaluation": {
            "positive_class": positive_class(model.classes),
            "majority_class": majority,
            "per_class": evaluation.per_class(),
            "confusion_matrix": evaluation.confusion_matrix(),
            "intervals": evaluation.intervals(),
            "curves": evaluation.curves(),
            "only_in_train": sorted(set(model.classes) - set(evaluation.true_labels())),
            "only_in_test": sorted(set(evaluation.true_labels()) - set(model.classes)),
        },
        "train_rows_per_class": {name: summaries[name].count for name in model.classes},
        "train_deviations": {name: _deviations(summaries[name].restricted(kept)) for name in model.classes},
    }


def summaries_by_class(parts: Iterator[Part]) -> dict[str, ClassSummary]:
    """Class name -> summary of that class's rows in all parts."""
    total: dict[str, ClassSummary] = {}
    for part in parts:
        for columns, codes in _blocks(part):
            for code in set(codes):
                mask = _equals(codes, code)
                selected = [list(compress(column, mask)) for column in columns]
                total = merge_by_class(total, {part.classes[code]: summary_of(selected)})
    return total


def evaluate(model: Discriminant, kept: list[int], parts: Iterator[Part]) -> Evaluation:
    """The model's evaluation on the rows of the parts; `kept`: the model's columns among the part's."""
    scorer = Scorer(model)
    evaluation = Evaluation(model.classes)
    for part in parts:
        for columns, codes in _blocks(part):
            scores = scorer.scores([columns[j] for j in kept])
            predicted = predicted_of(scores)
            evaluation.add([part.classes[code] for code in codes], probabilities_of(scores), predicted)
    return evaluation


def _deviations(summary: ClassSummary) -> list[float]:
    """Standard deviation of each column (of the population: divided by count)."""
    return [math.sqrt(max(0.0, row[j]) / summary.count) for j, row in enumerate(summary.scatter)]


def _blocks(part: Part) -> Iterator[tuple[list[list[float]], array]]:
    for start in range(0, part.rows, _BLOCK_ROWS):
        block = slice(start, start + _BLOCK_ROWS)
        yield [column[block].tolist() for column in part.columns], part.codes[block]


def _equals(codes: array, code: int) -> Sequence[int]:
    """A true value per row with this class code."""
    if codes.typecode == "B":  # at the speed of memory
        return codes.tobytes().translate(bytes(code) + b"\1" + bytes(255 - code))
    return [other == code for other in codes]


def _manifest(dataset: ValidatedDataset, storage: ObjectStore) -> Json:
    manifest = read_manifest(storage, dataset.manifest, dataset.run_id)
    if manifest["status"] != "valid":
        raise InvalidRequestError(f"the dataset of run {dataset.run_id!r} was rejected: {manifest['error']}")
    return manifest


def _part(storage: ObjectStore, bucket: str, entry: Json) -> Part:
    reference = S3Reference(bucket, entry["key"])
    content = storage.read(reference, missing=DatasetChangedError)
    if hashlib.sha256(content).hexdigest() != entry["sha256"]:
        raise DatasetChangedError(
            f"{reference} has other content than its manifest says: start again with force"
        )
    return part_from_npz(content)

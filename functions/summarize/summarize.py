"""Step 2 as a whole: fit on the train rows, evaluate on the held-out rows, write the run's summary.

The summary of an earlier run of the same work is found and not made again, unless the request says force.
The parts are walked twice, one at a time, so memory holds one part and not the dataset.
"""

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from shared.contracts import TrainingSummary, ValidatedDataset
from shared.errors import DatasetChangedError, InvalidRequestError
from shared.event_fields import FileReference, Json
from shared.model.probabilities import predicted_of
from shared.model.protocol import Model
from shared.model.registry import model_to_json, requested
from shared.model.rows import Feature, Rows
from shared.object_store import ObjectStore
from shared.parts import Part, part_from_npz
from shared.run_files import VERSIONS, RunFiles, find_document, read_document, read_file, write_json
from summarize.evaluation import Evaluation, positive_class
from summarize.gate import gate
from summarize.split import held_out_count, held_out_masks

_TASK = "Summarize"
_BLOCK_ROWS = 4096  # columns of a block stay in the processor's cache
_INVERTED = bytes([1, 0]) + bytes(254)


def summarize(dataset: ValidatedDataset, storage: ObjectStore) -> TrainingSummary:
    """The summary of a validated dataset: the model, its metrics and the gate's verdict on them.

    Raises InvalidRequestError (no such run), InvalidDatasetError (no model can be fitted to it) and
    DatasetChangedError (a part is gone or altered).
    """
    run = dataset.run
    manifest = _manifest(dataset, storage)
    place = RunFiles(dataset.manifest.bucket, run.run_id).summary
    found = None if run.conditions.force else find_document(storage, place, "summary", run.run_id)
    if found and found[1]["manifest"] == dataset.manifest.to_event():
        reference, document = found
        dataset = replace(dataset, run=run.found_done(_TASK))
    else:
        document = _summary(dataset, manifest, storage)
        reference = write_json(storage, place, document)
    current = run.conditions.current_model
    verdict = gate(manifest["request"], document["metrics"], current.metrics if current else {})
    return TrainingSummary(dataset, document["metrics"], verdict, reference)


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

    classes = sorted(manifest["report"]["classes"])
    counts: Counter[str] = Counter()
    train = (
        read().select(mask.translate(_INVERTED))
        for read, mask in zip(parts, masks(), strict=True)
        if 0 in mask
    )
    chosen, options = requested(request)
    model = chosen.fit(
        rows_of(counted(train, counts), classes),
        [Feature(name) for name in manifest["features"]],
        classes,
        options,
    )
    evaluation = evaluate(
        model, (read().select(mask) for read, mask in zip(parts, masks(), strict=True) if 1 in mask)
    )
    majority = max(sorted(counts), key=counts.__getitem__)
    metrics = evaluation.metrics(majority)
    return {
        "summary_version": VERSIONS["summary"],
        "run_id": dataset.run.run_id,
        "manifest": dataset.manifest.to_event(),
        "model": model_to_json(model),
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
        "train_rows_per_class": dict(sorted(counts.items())),
    }


def counted(parts: Iterator[Part], counts: Counter[str]) -> Iterator[Part]:
    """The parts, and into `counts` the rows of each class that has some, by its name."""
    for part in parts:
        codes = part.codes.tobytes() if part.codes.typecode == "B" else part.codes
        found = {name: codes.count(code) for code, name in enumerate(part.classes)}
        counts.update({name: rows for name, rows in found.items() if rows})
        yield part


def rows_of(parts: Iterator[Part], classes: Sequence[str]) -> Iterator[Rows]:
    """The parts' rows in blocks, with labels that are indices into `classes`."""
    positions = {name: k for k, name in enumerate(classes)}
    for part in parts:
        codes = [positions[name] for name in part.classes]
        for columns, of_part in _blocks(part):
            yield Rows(columns, _translated(of_part, codes))


def _translated(codes: array, positions: list[int]) -> Sequence[int]:
    """The codes of a part as positions among all classes; bytes where they fit."""
    if codes.typecode == "B" and max(positions, default=0) < 256:
        return codes.tobytes().translate(bytes(positions) + bytes(256 - len(positions)))
    return [positions[code] for code in codes]


def evaluate(model: Model, parts: Iterator[Part]) -> Evaluation:
    """The model's evaluation on the rows of the parts."""
    evaluation = Evaluation(model.classes)
    for part in parts:
        for columns, codes in _blocks(part):
            probabilities = model.probabilities(columns)
            evaluation.add([part.classes[code] for code in codes], probabilities, predicted_of(probabilities))
    return evaluation


def _blocks(part: Part) -> Iterator[tuple[list[list[float]], array]]:
    for start in range(0, part.rows, _BLOCK_ROWS):
        block = slice(start, start + _BLOCK_ROWS)
        yield [column[block].tolist() for column in part.columns], part.codes[block]


def _manifest(dataset: ValidatedDataset, storage: ObjectStore) -> Json:
    run_id = dataset.run.run_id
    manifest = read_document(storage, dataset.manifest, "manifest", run_id)
    if manifest["status"] != "valid":
        raise InvalidRequestError(f"the dataset of run {run_id!r} was rejected: {manifest['error']}")
    return manifest


def _part(storage: ObjectStore, bucket: str, entry: Json) -> Part:
    reference = FileReference(bucket, entry["key"], entry["sha256"])
    return part_from_npz(read_file(storage, reference, missing=DatasetChangedError))

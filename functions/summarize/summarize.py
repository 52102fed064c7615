"""Step 2 as a whole: fit on the train rows, evaluate on the held-out rows, write the run's summary.

The summary of an earlier run of the same work is found and not made again, unless the request says force.
The parts are walked twice, for the fit and for the evaluation, and once more where columns have to be learned first.
"""

from dataclasses import replace

from shared.contracts import TrainingSummary, ValidatedDataset, Verdict
from shared.event_fields import Json
from shared.model.decision import HALF, Decision, default_positive_class, rule_of
from shared.model.registry import model_to_json
from shared.object_store import ObjectStore
from shared.run_files import VERSIONS, RunFiles, find_document, write_document, write_file
from shared.test_rows import CONTENT_TYPE
from summarize.current_model import current_artifact
from summarize.drift import drift_since, in_brief
from summarize.explanation import explanation, own_explanation
from summarize.gate import gate
from summarize.groups import errors_by_group
from summarize.model_choice import ModelChoice, choose_model, refitted
from summarize.profiles import column_profiles
from summarize.regression import regression_since
from summarize.scored_test import rows_scored, rows_to_score, score_test_rows
from summarize.split import CHRONOLOGICAL
from summarize.training_data import TrainingData, read_manifest
from summarize.verdict import Measured, verdict
from summarize.warnings import warnings

_TASK = "Summarize"


def summarize(dataset: ValidatedDataset, storage: ObjectStore) -> TrainingSummary:
    """The summary of a validated dataset: the model, its metrics and the gate's verdict on them.

    Raises InvalidRequestError (no such run), InvalidDatasetError (no model can be fitted to it) and
    DatasetChangedError (a part is gone or altered).
    """
    run = dataset.run
    manifest = read_manifest(dataset, storage)
    place = RunFiles(dataset.manifest.bucket, run.run_id).summary
    found = None if run.conditions.force else find_document(storage, place, "summary", run.run_id)
    if found and found[1]["manifest"] == dataset.manifest.to_event():
        reference, document = found
        dataset = replace(dataset, run=run.found_done(_TASK))
    else:
        document = _summary(dataset, manifest, storage)
        reference = write_document(storage, place, document)
    current = current_artifact(run, manifest["request"], storage)
    drift = drift_since(current, manifest, document)
    regression = regression_since(current, dataset, manifest, document, storage)
    leaderboard = document["choice"]["leaderboard"] if document["choice"] else []
    return TrainingSummary(
        dataset,
        document["metrics"],
        gate(manifest["request"], document, regression, drift),
        reference,
        tuple(leaderboard),
        tuple(document["warnings"]),
        Verdict.from_event(document["verdict"]),
        regression=regression,
        decision=document["decision"],
        drift=in_brief(drift, RunFiles(dataset.manifest.bucket, run.run_id), storage),
    )


def _summary(dataset: ValidatedDataset, manifest: Json, storage: ObjectStore) -> Json:
    request = manifest["request"]
    data = TrainingData.of(manifest, dataset.manifest.bucket, storage)
    test_rows = data.test_rows_per_class()
    train_rows = {
        name: rows - test_rows.get(name, 0)
        for name, rows in data.rows_per_class.items()
        if rows > test_rows.get(name, 0)
    }
    majority = max(train_rows, key=train_rows.__getitem__)
    positive = request["positive_class"] or default_positive_class(train_rows)
    chosen = choose_model(dataset, request, data, storage, positive)
    model, decision = chosen.model, _decision(request, positive, chosen)
    scored = score_test_rows(
        model,
        decision,
        data.classes,
        data.encoding.features,
        rows_to_score(data, [model.kind], request["seed"]),
        rows_scored(data, [model.kind]),
        request["seed"],
        data.split.method == CHRONOLOGICAL,
    )
    evaluation = scored.evaluation
    found = verdict(
        Measured(
            evaluation,
            scored.evidence,
            train_rows,
            test_rows,
            majority,
            in_order=data.split.method == CHRONOLOGICAL,
            for_accuracy=decision.rule == HALF,
        )
    )
    published = refitted(chosen, request, data) if request["refit_all"] else model
    written = model_to_json(published)
    return {
        "summary_version": VERSIONS["summary"],
        "run_id": dataset.run.run_id,
        "manifest": dataset.manifest.to_event(),
        "encoding": data.encoding.to_json(),
        "model": written,
        "decision": decision.to_json(),
        "explanation": own_explanation(published)
        | explanation(model, data.encoding, scored.sample, data.classes, positive, request["seed"]),
        "choice": chosen.choice,
        "metrics": evaluation.metrics(majority),
        "verdict": found.to_event(),
        "groups": errors_by_group(data, scored.rows, request["sensitive_columns"] or ()),
        "split": {
            "method": data.split.method,
            "time_order": data.time_order,
            "seed": request["seed"],
            "test_size": request["test_size"],
            "train_rows": data.split.train_rows,
            "test_rows": data.split.test_rows,
        },
        "warnings": warnings(data.split, data.classes, train_rows, test_rows),
        "evaluation": {
            "positive_class": decision.positive_class,
            "majority_class": majority,
            "per_class": evaluation.per_class(),
            "confusion_matrix": evaluation.confusion_matrix(),
            "intervals": evaluation.intervals(),
            "curves": evaluation.curves(),
            "thresholds": evaluation.thresholds(),
            "only_in_train": sorted(set(model.classes) - set(test_rows)),
            "only_in_test": sorted(set(test_rows) - set(model.classes)),
        },
        "test_rows": write_file(
            storage,
            RunFiles(dataset.manifest.bucket, dataset.run.run_id).test_rows,
            scored.rows.to_npz(),
            CONTENT_TYPE,
        ).to_event(),
        "train_rows_per_class": train_rows,
        "profiles": column_profiles(data, data.encoding.reading(written["left_out"]).inputs, request["seed"]),
    }


def _decision(request: Json, positive_class: str | None, chosen: ModelChoice) -> Decision:
    """What is predicted of a probability; positive_class: None of more than two classes."""
    if positive_class is None:
        return Decision(None, HALF, None)
    threshold = request["threshold"] if chosen.threshold is None else chosen.threshold
    return Decision(positive_class, rule_of(request["threshold"]), threshold)

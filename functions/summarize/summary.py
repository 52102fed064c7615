"""The summary of a run as a document: what the artifact and the card are made of."""

from shared.contracts import ValidatedDataset
from shared.event_fields import Json
from shared.model.decision import HALF
from shared.model.registry import model_to_json
from shared.object_store import ObjectStore
from shared.run_files import VERSIONS, RunFiles, write_file
from shared.test_rows import CONTENT_TYPE
from summarize.choosing.learned import Learned
from summarize.choosing.model_choice import ModelChoice
from summarize.explaining.explanation import explanation, own_explanation
from summarize.judging.verdict import Measured, verdict
from summarize.judging.warnings import warnings
from summarize.rows.draws import PROFILED
from summarize.rows.profiles import column_profiles
from summarize.rows.split import CHRONOLOGICAL
from summarize.rows.training_data import TrainingData
from summarize.scoring.range_evaluation import RangeEvaluation


def summary_document(
    dataset: ValidatedDataset,
    request: Json,
    learned: Learned,
    chosen: ModelChoice,
    evaluated: RangeEvaluation,
    storage: ObjectStore,
) -> Json:
    """The document, of a model and its evaluation on all test rows; writes the file of the test rows."""
    data, encoding = learned.data, learned.encoding
    model, decision, evaluation = chosen.model, chosen.decision, evaluated.evaluation
    train_rows, test_rows = data.split.train_rows_per_class, data.split.test_rows_per_class
    majority = max(train_rows, key=train_rows.__getitem__)
    found = verdict(
        Measured(
            evaluation,
            evaluated.evidence,
            train_rows,
            test_rows,
            majority,
            in_order=data.split.method == CHRONOLOGICAL,
            for_accuracy=decision.rule == HALF,
        )
    )
    written = model_to_json(chosen.published)
    explained = learned.explained_rows()
    return {
        "summary_version": VERSIONS["summary"],
        "run_id": dataset.run.run_id,
        "manifest": dataset.manifest.to_event(),
        "encoding": encoding.to_json(),
        "model": written,
        "decision": decision.to_json(),
        "explanation": own_explanation(chosen.published)
        | explanation(model, encoding, explained, data.classes, decision.positive_class, request["seed"]),
        "choice": chosen.choice,
        "metrics": evaluation.metrics(majority),
        "verdict": found.to_event(),
        "groups": evaluated.groups.to_json(request["sensitive_columns"] or ()),
        "split": split_of(data, request),
        "warnings": warnings(data.split, data.classes, train_rows, test_rows),
        "evaluation": {
            "positive_class": decision.positive_class,
            "majority_class": majority,
            "per_class": evaluation.per_class(),
            "confusion_matrix": evaluation.confusion_matrix(),
            "intervals": evaluation.intervals(),
            "curves": evaluation.curves(),
            "roc_auc_error": evaluation.rankings.area_error(),
            "thresholds": evaluation.thresholds(),
            "only_in_train": sorted(set(model.classes) - set(test_rows)),
            "only_in_test": sorted(set(test_rows) - set(model.classes)),
        },
        "test_rows": write_file(
            storage,
            RunFiles(dataset.manifest.bucket, dataset.run.run_id).test_rows,
            evaluated.rows.to_npz(),
            CONTENT_TYPE,
        ).to_event(),
        "train_rows_per_class": train_rows,
        "profiles": column_profiles(learned.sample.drawn(PROFILED), data, encoding, written["left_out"]),
    }


def split_of(data: TrainingData, request: Json) -> Json:
    """How the rows were held out, and how many."""
    return {
        "method": data.split.method,
        "time_order": data.time_order,
        "seed": request["seed"],
        "test_size": request["test_size"],
        "train_rows": data.split.train_rows,
        "test_rows": data.split.test_rows,
    }

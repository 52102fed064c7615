"""Summed up range by range, in whatever shards the rows came and with each range on its own, a dataset is the same."""

import csv
import io
import json
import math
import random
from datetime import UTC, datetime, timedelta
from functools import reduce

import pytest

from fetch_and_validate import part_writer, plan
from fetch_and_validate.collect_shards import collect_shards
from fetch_and_validate.stage import stage
from fetch_and_validate.validate_shard import validate_shard
from shared.config import Config
from shared.csv_file import cuts, records
from shared.event_fields import Json
from shared.model.encoding import ColumnCounts, Encoding
from shared.shards import CollectTask, PlannedDataset, Shard, ShardTask
from shared.test_rows import scored_rows_from_npz
from shared.training_request import TrainingRequest
from summarize.choosing import candidates
from summarize.choosing.learned import Learned
from summarize.choosing.model_choice import ModelChoice, choose_model, gaussian_options
from summarize.rows import draws, ranges, split, training_data
from summarize.rows.range_moments import RangeMoments
from summarize.rows.range_plan import RangePlan, is_newest_first
from summarize.rows.range_summary import RangeSummary
from summarize.rows.sample import Sample
from summarize.rows.stored_rows import StoredRows
from summarize.rows.training_data import TrainingData, read_manifest
from summarize.scoring import score_counts
from summarize.scoring.range_evaluation import RangeEvaluation
from summarize.summarize import summarize
from summarize.summary import summary_document

ROWS = 700
SHARDS = (1, 2, 7, 64)
CASES = {
    "pooled, shuffled": {"model": "gaussian", "covariance": "pooled", "split": "shuffled"},
    "diagonal, in order, refitted": {"model": "gaussian", "covariance": "diagonal", "refit_all": True},
    "full, newest first, F1": {"model": "gaussian", "covariance": "full", "threshold": "f1", "newest": True},
    "logistic, each fold its rows, refitted": {
        "model": "logistic",
        "fit_rows": 150,
        "split": "shuffled",
        "refit_all": True,
        "sensitive_columns": ["colour"],
    },
    "boosted trees, newest first, each fold its rows": {
        "model": "boosted_trees",
        "fit_rows": 200,
        "newest": True,
        "refit_all": True,
    },
    "auto, shuffled, three classes": {"model": "auto", "split": "shuffled", "classes": "abc"},
    "auto, in order, F1": {"model": "auto", "threshold": "f1"},
}


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """So that some hundred rows have parts, ranges, blocks, chunks and bins of every kind."""
    monkeypatch.setattr(records, "BLOCK_BYTES", 700)
    monkeypatch.setattr(part_writer, "PART_BYTES", 1700)
    for module in (plan, cuts):
        monkeypatch.setattr(module, "PROBE_BYTES", 400)
    for module in (ranges, training_data):
        monkeypatch.setattr(module, "BLOCK_ROWS", 16)
    monkeypatch.setattr(split, "CHUNK", 50)
    monkeypatch.setattr(score_counts, "EXACT_SCORES", 150)
    monkeypatch.setattr(draws, "EXPLAINED_ROWS", 60)
    monkeypatch.setattr("summarize.rows.profiles.MAX_ROWS", 300)
    monkeypatch.setattr(candidates, "most_rounds", lambda classes: 12)


def table(classes: str, newest_first: bool) -> bytes:
    """A number with holes, a whole number, a category with holes and rare values, a yes and no, and the time."""
    draw = random.Random(7)
    lines = []
    for row in range(ROWS):
        colour = draw.choices(["red", "green", "blue", "", f"rare{row % 9}"], [5, 3, 2, 1, 0.3])[0]
        x = draw.gauss(0, 1)
        score = x + (colour == "red") + draw.gauss(0, 0.7)
        label = classes[min(len(classes) - 1, max(0, int(score + 1)))]
        moment = datetime(2023, 1, 1, tzinfo=UTC) + timedelta(hours=5 * row)
        lines.append(
            [
                f"{moment:%Y-%m-%d %H:%M}",
                "" if draw.random() < 0.1 else f"{x:.3f}",
                str(draw.randint(0, 40)),
                colour,
                draw.choice(["yes", "no"]),
                label,
            ]
        )
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["when", "x", "age", "colour", "member", "label"])
    writer.writerows(reversed(lines) if newest_first else lines)
    return text.getvalue().encode()


def validated(storage, shards: int, **fields):
    """The dataset through so many shards, and what ranges it has."""
    fields = dict(fields)
    content = table(fields.pop("classes", "ab"), fields.pop("newest", False))
    storage.put(content)
    size = len(content) if shards == 1 else -(-len(content) // shards)
    config = Config(shard_bytes=size, range_cells=5 * 48)
    request = TrainingRequest.from_event(
        {"task": "FetchAndValidate", "request": fields, "execution_arn": "arn:1"}, config
    )
    planned = stage(request, storage, config)
    if isinstance(planned, PlannedDataset):
        for shard in json.loads(storage.read(planned.shards)):
            validate_shard(ShardTask(planned.run, planned.plan, Shard.from_json(shard)), storage)
        planned = collect_shards(CollectTask(planned.run, planned.plan, planned.shards), storage)
    return planned, config


def travelled(value):
    """What lies in a document that was written and read."""
    return json.loads(json.dumps(value))


class RangesOnTheirOwn:
    """The dataset as the tasks of the state machine see it: each range by itself, its states as JSON and files."""

    def __init__(self, dataset, storage, config) -> None:
        self.dataset, self.storage = dataset, storage
        self.manifest = read_manifest(dataset, storage)
        self.request = self.manifest["request"]
        whole = RangePlan.of(self.manifest, self._stored(), config.range_cells)
        self.plan = RangePlan.from_json(travelled(whole.to_json(dataset.run.run_id, dataset.manifest)))

    def data(self) -> TrainingData:
        """As a new process has it."""
        return TrainingData.planned(self.manifest, self._stored(), self.plan)

    def _stored(self) -> StoredRows:
        return StoredRows(
            self.manifest, self.dataset.manifest.bucket, self.storage, is_newest_first(self.manifest)
        )

    def ranges(self):
        """Each range in a process of its own, the last one first."""
        return [list(self.data().ranges())[index] for index in reversed(range(self.plan.count))]

    def learned(self) -> Learned:
        found = []
        for rows in self.ranges():
            made = RangeSummary.of(rows, draws.Draws.of(rows.data, self.request))
            sample = Sample.from_npz(made.sample.to_npz())
            found.append(RangeSummary(ColumnCounts.from_state(travelled(made.counts.to_state())), sample))
        data = self.data()
        learned = Learned.of(data, draws.Draws.of(data, self.request), reversed(found))
        return Learned(
            data,
            learned.draws,
            Encoding.from_json(travelled(learned.encoding.to_json())),
            Sample.from_npz(learned.sample.to_npz()),
        )

    def moments(self, encoding: Encoding) -> RangeMoments | None:
        options = gaussian_options(self.request)
        if options is None:
            return None
        found = [
            RangeMoments.of(rows, encoding, options, self.request["refit_all"]) for rows in self.ranges()
        ]
        states = [travelled(made.to_state()) for made in reversed(found)]
        return reduce(RangeMoments.merge, [RangeMoments.from_state(state, options) for state in states])

    def evaluated(self, chosen: ModelChoice, encoding: Encoding) -> RangeEvaluation:
        found = []
        for rows in self.ranges():
            sensitive = self.request["sensitive_columns"] or ()
            made = RangeEvaluation.of(rows, chosen.model, chosen.decision, encoding, sensitive)
            stored = scored_rows_from_npz(made.rows.to_npz())
            found.append(RangeEvaluation.from_state(travelled(made.to_state()), stored))
        return RangeEvaluation.merged(reversed(found))

    def summary(self) -> Json:
        learned = self.learned()
        moments = self.moments(learned.encoding)
        chosen = choose_model(self.dataset, self.request, learned, moments, self.storage)
        chosen = ModelChoice.from_json(travelled(chosen.to_json()), learned.encoding.features)
        evaluated = self.evaluated(chosen, learned.encoding)
        return travelled(
            summary_document(self.dataset, self.request, learned, chosen, evaluated, self.storage)
        )


def content_of(summary: Json) -> Json:
    """A summary without the run's identity."""
    document = {name: value for name, value in summary.items() if name not in ("run_id", "manifest", "seal")}
    return document | {"test_rows": summary["test_rows"]["sha256"]}


@pytest.mark.parametrize("name", CASES)
def test_shards_and_ranges_leave_no_trace_in_the_summary(name, new_storage):
    storage = new_storage()
    dataset, config = validated(storage, 1, **CASES[name])
    made = summarize(dataset, storage, config)
    expected = content_of(json.loads(storage.read(made.summary)))
    for shards in SHARDS:
        storage = new_storage()
        dataset, config = validated(storage, shards, **CASES[name])
        alone = RangesOnTheirOwn(dataset, storage, config)
        assert len(alone.manifest["shards"]) >= (shards if shards > 1 else 0) * 0.8
        assert alone.plan.count == 15
        assert content_of(alone.summary()) == expected


def test_one_lambda_comes_to_the_same_whatever_the_shards(new_storage):
    found = []
    for shards in (1, 7):
        storage = new_storage()
        dataset, config = validated(storage, shards, **CASES["auto, in order, F1"])
        found.append(content_of(json.loads(storage.read(summarize(dataset, storage, config).summary))))
    assert found[0] == found[1]


def same(a, b) -> bool:
    """Whether two JSON values are equal, floats up to rounding."""
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


@pytest.mark.parametrize("name", ["diagonal, in order, refitted", "auto, in order, F1"])
def test_how_many_ranges_there_are_is_a_matter_of_rounding(name, new_storage):
    """Places in time, ranks of draws and of test rows are those of the whole data, wherever a range begins."""
    found = []
    for cells in (5 * 48, 5 * ROWS * 2):
        storage = new_storage()
        dataset, _ = validated(storage, 1, **CASES[name])
        made = summarize(dataset, storage, Config(range_cells=cells))
        found.append(content_of(json.loads(storage.read(made.summary))))
    figures, whole = ({key: value for key, value in one.items() if key != "test_rows"} for one in found)
    assert same(figures, whole)


@pytest.mark.parametrize(
    ("name", "count"), [("logistic, each fold its rows, refitted", 5), ("auto, in order, F1", 1)]
)
def test_of_more_train_rows_than_a_fold_is_fitted_on_each_fold_has_its_own(name, count, new_storage):
    storage = new_storage()
    dataset, config = validated(storage, 1, **CASES[name])
    manifest = read_manifest(dataset, storage)
    data = TrainingData.of(manifest, dataset.manifest.bucket, storage, config.range_cells)
    drawn = draws.Draws.of(data, manifest["request"])
    learned = Learned.of(data, drawn, (RangeSummary.of(rows, drawn) for rows in data.ranges()))
    fitting = learned.fitting_rows(manifest["request"], [])
    found = [[list(column) for column in fitting.of_fold(index).columns] for index in range(5)]
    assert len(set(map(repr, found))) == len(drawn.folds) == count
    most = manifest["request"]["fit_rows"] or data.split.train_rows
    assert [most - 2 <= len(columns[0]) <= most for columns in found] == [True] * 5
    summary = json.loads(storage.read(summarize(dataset, storage, config).summary))
    assert summary["choice"]["draws"] == count


def test_where_the_rows_of_all_folds_would_not_fit_in_memory_they_share_one_draw(new_storage, monkeypatch):
    monkeypatch.setattr(draws, "_MOST_CELLS_OF_ALL", 5 * 150 * 4)
    storage = new_storage()
    dataset, config = validated(storage, 1, **CASES["logistic, each fold its rows, refitted"])
    summary = json.loads(storage.read(summarize(dataset, storage, config).summary))
    assert (summary["choice"]["draws"], summary["choice"]["folds"]) == (1, 5)

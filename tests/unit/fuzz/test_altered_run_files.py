"""Whoever may write under `runs/` or to the stable key alters what a run has left there, at random.

What a step follows by a reference ends in DatasetChangedError, whatever is in it now; what it finds again by its place
is done anew; a model under the stable key that makes no sense is compared with nothing and keeps no run from its end.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import pytest
from altered_documents import alterations
from fuzzing import check_message, factor

from fetch_and_validate import handler as fetch_and_validate
from publish_artifact import handler as publish_artifact
from shared.errors import DatasetChangedError, ModelRejectedError
from summarize import handler as summarize

CSV = "a,b,label\n" + "".join(
    f"{7 * i % 23},{i * i % 19}.5,{'up' if i % 3 or i % 7 == 0 else 'down'}\n" for i in range(120)
)
REQUEST = {"model": "logistic", "split": "shuffled", "max_drift": 9.0, "max_regression": 1.0}
SHARD_BYTES = 500
HANDLERS = {
    "FetchAndValidate": fetch_and_validate,
    "ValidateShard": fetch_and_validate,
    "CollectShards": fetch_and_validate,
    "FitFold": summarize,
    "Summarize": summarize,
    "PublishArtifact": publish_artifact,
}


@dataclass
class Trained:
    """An execution as the state machine runs it: each task with the event that it was sent and what it put out."""

    storage: Any
    events: dict[str, dict] = field(default_factory=dict)
    outputs: dict[str, dict] = field(default_factory=dict)

    def send(self, task: str, **event: Any) -> dict:
        """What the task puts out; the first event of each task stays on record."""
        event = json.loads(json.dumps({"task": task, **event}))
        output = json.loads(json.dumps(HANDLERS[task].handler(event, None)))
        self.events.setdefault(task, event)
        self.outputs.setdefault(task, output)
        return output

    def run(self, **request: Any) -> dict:
        planned = self.send("FetchAndValidate", request=REQUEST | request, execution_arn="arn:1")
        if "shards" in planned:
            about = {name: planned[name] for name in ("run", "plan")}
            for shard in json.loads(self.content(planned["shards"]["key"])):
                self.send("ValidateShard", **about, shard=shard)
            planned = self.send("CollectShards", **about, shards=planned["shards"])
        about = {name: planned[name] for name in ("run", "dataset")}
        folds = [self.send("FitFold", **about, fold=fold)["fold"] for fold in planned["folds"]]
        judged = self.send("Summarize", **about, folds=folds)
        return self.send("PublishArtifact", **judged)

    def content(self, key: str) -> bytes:
        return self.storage.objects["artifacts", key]

    def published(self) -> dict[str, bytes]:
        return {
            key: content for (_, key), content in self.storage.objects.items() if key.startswith("models/")
        }


@pytest.fixture(scope="module")
def trained(new_storage) -> Iterator[Trained]:
    """A run that has published, of a dataset in shards, after another one, so that there is a drift to tell."""
    with pytest.MonkeyPatch.context() as patch:
        storage = new_storage().put(CSV.encode())
        for module in HANDLERS.values():
            patch.setattr(module, "storage", storage)
        patch.setenv("SHARD_BYTES", str(SHARD_BYTES))
        patch.setenv("CODE_VERSION", "code-1")
        Trained(storage).run(seed=1)
        found = Trained(storage)
        found.run(seed=2)
        yield found


@dataclass
class Altered:
    """A run's files with one of them altered, or as they were."""

    trained: Trained
    objects: dict[tuple[str, str], bytes]

    def key(self, name: str) -> str:
        """Where a file of the run lies; `*` stands for what its name ends in."""
        folder = f"runs/{self.trained.outputs['FetchAndValidate']['run']['run_id']}/"
        (found,) = (key for _, key in self.objects if fnmatchcase(key, folder + name))
        return found

    def put(self, key: str, content: bytes, without: str = "") -> None:
        """The files as they were, but for this one, and without those that match: the task has not written them yet."""
        kept = {place: one for place, one in self.objects.items() if not fnmatchcase(place[1], without)}
        self.trained.storage.objects = kept | {("artifacts", key): content}


@pytest.fixture
def altered(trained) -> Iterator[Altered]:
    before = trained.storage.objects
    yield Altered(trained, before)
    trained.storage.objects = before


# Which tasks follow a reference to a file, and what of theirs is not there yet. Of a shard's result the place is known,
# and its seal has to fit.
READERS = [
    ("dataset/plan.json", "ValidateShard", ""),
    ("dataset/plan.json", "CollectShards", ""),
    ("dataset/shards.json", "CollectShards", ""),
    ("dataset/shard-00001/result.json", "CollectShards", ""),
    ("dataset/manifest.json", "FitFold", "*/model/*"),
    ("dataset/manifest.json", "Summarize", ""),
    ("dataset/manifest.json", "PublishArtifact", ""),
    ("dataset/shard-00001/part-00000.npz", "FitFold", "*/model/*"),
    ("dataset/shard-00001/part-00000.npz", "Summarize", "*/model/summary.json"),
    ("model/fold-1.json", "Summarize", "*/model/summary.json"),
    ("model/summary.json", "PublishArtifact", ""),
    ("model/drift-*.json", "PublishArtifact", ""),
]


@pytest.mark.parametrize(
    ("name", "task", "without"), READERS, ids=[f"{task} {name}" for name, task, _ in READERS]
)
def test_what_a_step_is_led_to_ends_in_a_changed_dataset_whatever_is_in_it(
    altered, tried, name, task, without
):
    key, trained = altered.key(name), altered.trained
    for content in alterations(altered.objects["artifacts", key], 40 * factor(), f"{name} {task}"):
        tried("altered files of a run")
        altered.put(key, content, without)
        published = trained.published()
        try:
            output = trained.send(**trained.events[task])
        except DatasetChangedError as error:
            check_message(error)
        else:
            # Spaces between the members of JSON: what is read is what was written.
            assert json.loads(content) == json.loads(altered.objects["artifacts", key])
            assert output == trained.outputs[task]
        assert trained.published() == published


# What is found by its place. Where it is not what it was, the work is done again.
FOUND = [
    "dataset/manifest.json",
    "dataset/shard-00001/result.json",
    "model/fold-1.json",
    "model/summary.json",
    "publication/artifact.json",
]


@pytest.mark.parametrize("name", FOUND)
def test_what_the_same_work_finds_altered_is_done_again_and_comes_out_the_same(altered, tried, name):
    key, trained = altered.key(name), altered.trained
    model = json.loads(trained.content("models/training_pipeline.pkl"))
    for content in alterations(altered.objects["artifacts", key], 8 * factor(), name):
        tried("altered files of a run")
        altered.put(key, content, without="*/manifest.json" if "shard-" in name else "")
        again = Trained(trained.storage)
        again.run(seed=2)
        found = json.loads(again.content("models/training_pipeline.pkl"))
        assert {**found, "lineage": None} == {**model, "lineage": None}


def test_whatever_lies_under_the_stable_key_when_a_run_begins_the_run_ends(altered, tried):
    """Its model is published over it, or refused by the gate that was to compare the two."""
    trained, key = altered.trained, "models/training_pipeline.pkl"
    for content in alterations(altered.objects["artifacts", key], 150 * factor(), "current model"):
        tried("altered current models")
        altered.put(key, content)
        again = Trained(trained.storage)
        try:
            again.run(seed=1)
        except ModelRejectedError as error:
            check_message(error)
        else:
            run_id = again.outputs["Summarize"]["run"]["run_id"]
            assert json.loads(again.content(key))["lineage"]["run_id"] == run_id

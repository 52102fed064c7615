"""Whoever may write under `runs/` or to the stable key alters what a run has left there, at random.

What a step follows by a reference ends in DatasetChangedError, whatever is in it now; what it finds again by its place
is done anew; a model under the stable key that makes no sense is compared with nothing and keeps no run from its end.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from altered_documents import alterations
from fuzzing import check_message, factor
from tests.unit.flow.executing import Failed, Flow

from fetch_and_validate import handler as fetch_and_validate
from publish_artifact import handler as publish_artifact
from shared.errors import DatasetChangedError
from summarize import handler as summarize

HEADER = "a,b,label\n"
ROWS = [f"{7 * i % 23},{i * i % 19}.5,{'up' if i % 3 or i % 7 == 0 else 'down'}\n" for i in range(120)]
CSV = HEADER + "".join(ROWS)
STABLE = "models/training_pipeline.pkl"
HANDLERS = {
    "FetchAndValidate": fetch_and_validate,
    "ValidateShard": fetch_and_validate,
    "CollectShards": fetch_and_validate,
    "PublishArtifact": publish_artifact,
}
type Objects = dict[tuple[str, str], bytes]


@dataclass
class Task:
    """A task as it was sent first: its event, what lay there then, and what it put out."""

    event: dict
    objects: Objects
    output: dict = field(default_factory=dict)


@dataclass
class Trained:
    """A run that has published, after another one. objects: all that lies there after it."""

    storage: Any
    environment: dict[str, str]
    request: dict
    tasks: dict[str, Task] = field(default_factory=dict)
    objects: Objects = field(default_factory=dict)

    def execute(self, seed: int, before: Any = lambda task, payload: None) -> dict:
        return Flow(self.storage, self.environment, before).execute(self.request | {"seed": seed})

    def send(self, task: str) -> dict:
        """What a task puts out, of the event that it was sent first, but for what has the time in it."""
        module = HANDLERS.get(task, summarize)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "storage", self.storage)
            for name, value in self.environment.items():
                patch.setenv(name, value)
            output = json.loads(json.dumps(module.handler(self.tasks[task].event, None)))
        return {name: value for name, value in output.items() if name not in ("artifact", "card")}

    def files(self, objects: Objects) -> dict[str, str]:
        """Name of a kind of file of the run, with `n` for each number, -> the last one's key."""
        folder = f"runs/{self.run_id}/"
        keys = sorted(key for _, key in objects if key.startswith(folder))
        return {re.sub(r"\d+|[0-9a-f]{64}", "n", key.removeprefix(folder)): key for key in keys}

    @property
    def run_id(self) -> str:
        return self.tasks["Summarize"].event["run"]["run_id"]

    def published(self) -> Objects:
        return {place: one for place, one in self.storage.objects.items() if place[1].startswith("models/")}


WAYS = {
    "in shards, the Gaussian": ({"model": "gaussian"}, "500"),
    "in shards, by folds": ({"model": "logistic"}, "500"),
    "in one piece, by folds": ({"model": "logistic"}, "100000"),
    "a folder of objects": ({"model": "gaussian", "key": "data/table/", "artifact_key": STABLE}, "700"),
}


@pytest.fixture(scope="module", params=WAYS)
def trained(request, new_storage) -> Trained:
    """A run after another one, so that there is a drift to tell."""
    fields, shard_bytes = WAYS[request.param]
    storage = new_storage().put(CSV.encode())
    for name, rows in (("a", ROWS[:50]), ("b", ROWS[50:])):
        storage.put(f"{HEADER}{''.join(rows)}".encode(), key=f"data/table/{name}.csv")
    environment = {"SHARD_BYTES": shard_bytes, "CODE_VERSION": "code-1"}
    found = Trained(
        storage, environment, fields | {"split": "shuffled", "max_drift": 9.0, "max_regression": 1.0}
    )
    found.execute(seed=1)

    def note(task: str, event: dict) -> None:
        found.tasks.setdefault(task, Task(event, dict(storage.objects)))

    found.execute(2, note)
    found.objects = dict(storage.objects)
    for name, task in found.tasks.items():
        storage.objects = dict(task.objects)
        task.output = found.send(name)
    return found


@pytest.fixture(autouse=True)
def as_it_was(trained) -> Iterator[None]:
    yield
    trained.storage.objects = dict(trained.objects)


def ends(trained: Trained, task: str, key: str, content: bytes) -> bool:
    """Sends the task with a file altered: whether it refuses; else it reads none of it, or the same in it.

    An item of a Map refuses in the result that it leaves for the task after the Map.
    """
    objects = trained.tasks[task].objects | {("artifacts", key): content}
    trained.storage.objects = dict(objects)
    published = trained.published()
    try:
        output = trained.send(task)
    except DatasetChangedError as error:
        check_message(error)
        assert trained.published() == published
        return True
    written = [one for place, one in trained.storage.objects.items() if objects.get(place) != one]
    if any(b'"DatasetChangedError"' in one for one in written):
        return True
    assert output == trained.tasks[task].output, (task, key, content[:200])
    return False


PART = "dataset/shard-n/part-n.npz"
# No task ends by them: people look at the first; the second is compared with what is to be written; of the third the
# Map reads an item, which its task holds to the plan.
LED_NOWHERE = {"model/test-rows.npz", "publication/artifact.json", "model/ranges.json"}


def test_what_a_task_is_led_to_ends_in_a_changed_dataset_whatever_is_in_it(trained, tried):
    readers = {
        (name, task)
        for task, sent in trained.tasks.items()
        for name, key in trained.files(sent.objects).items()
        if ends(trained, task, key, b"something else")
    }
    for name, task in sorted(readers):
        sent = trained.tasks[task]
        key = trained.files(sent.objects)[name]
        whole = sent.objects["artifacts", key]
        for content in alterations(whole, 20 * factor(), f"{name} {task}"):
            tried("altered files of a run")
            # Spaces between the members of JSON are no alteration.
            assert ends(trained, task, key, content) or json.loads(content) == json.loads(whole)
    assert {name for name, _ in readers} == trained.files(trained.objects).keys() - LED_NOWHERE


def test_what_the_same_work_finds_altered_is_done_again_and_comes_out_the_same(trained, tried):
    model = json.loads(trained.objects["artifacts", STABLE]) | {"lineage": None}
    errors = set()
    for name, key in trained.files(trained.objects).items():
        for content in alterations(trained.objects["artifacts", key], 2 * factor(), name):
            tried("altered files of a run")
            trained.storage.objects = trained.objects | {("artifacts", key): content}
            try:
                trained.execute(seed=2)
            except Failed as failed:
                errors.add(failed.error)
            published = json.loads(trained.storage.objects["artifacts", STABLE])
            assert published | {"lineage": None} == model
    assert errors <= {"DatasetChangedError"}


def test_a_part_that_was_altered_after_it_was_validated_ends_the_execution_or_is_written_again(
    trained, tried
):
    """Again where it is shorter or longer, which the first task sees."""
    model = json.loads(trained.objects["artifacts", STABLE]) | {"lineage": None}
    validated = trained.tasks["PlanRanges" if "PlanRanges" in trained.tasks else "FitFold"].objects
    key = trained.files(validated)[PART]
    errors = []
    for content in alterations(validated["artifacts", key], 20 * factor(), "part"):
        tried("altered files of a run")
        trained.storage.objects = validated | {("artifacts", key): content}
        before = trained.published()
        try:
            trained.execute(seed=2)
        except Failed as failed:
            errors.append(failed.error)
            assert trained.published() == before
        else:
            assert len(content) != len(validated["artifacts", key])
            assert json.loads(trained.storage.objects["artifacts", STABLE]) | {"lineage": None} == model
    assert set(errors) == {"DatasetChangedError"}


def test_whatever_lies_under_the_stable_key_when_a_run_begins_the_run_ends(trained, tried):
    """Its model is published over it, or refused by the gate that was to compare the two."""
    errors = set()
    for content in alterations(trained.objects["artifacts", STABLE], 50 * factor(), "current model"):
        tried("altered current models")
        trained.storage.objects = trained.objects | {("artifacts", STABLE): content}
        try:
            run_id = trained.execute(seed=1)["run"]["run_id"]
        except Failed as failed:
            errors.add(failed.error)
        else:
            published = json.loads(trained.storage.objects["artifacts", STABLE])
            assert published["lineage"]["run_id"] == run_id
    assert errors <= {"ModelRejectedError"}

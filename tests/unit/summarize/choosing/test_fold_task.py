"""Folds as the state machine has them fitted: a file each, found again, checked by digest, chosen from by Summarize."""

import json
import random
from dataclasses import replace

import pytest

from fetch_and_validate.stage import stage
from shared.config import Config
from shared.contracts import TrainingRequest, ValidatedDataset
from shared.errors import DatasetChangedError, InvalidRequestError
from shared.folds import Fold
from shared.run_files import RunFiles
from summarize.choosing import fitting_rows, model_choice
from summarize.choosing.fold_task import FoldTask, fit_fold
from summarize.summarize import summarize


def table(rows: int = 120, seed: int = 5) -> bytes:
    """Two numbers that say something of the class and one that says nothing."""
    draw = random.Random(seed)
    lines = ["x,y,noise,label"]
    for _ in range(rows):
        label = draw.choice("ab")
        shift = 1.0 if label == "a" else -0.5
        lines.append(f"{draw.gauss(shift, 1)},{draw.gauss(0, 1) * shift},{draw.gauss(0, 1)},{label}")
    return ("\n".join(lines) + "\n").encode()


@pytest.fixture
def staged(storage):
    def run(**fields) -> ValidatedDataset:
        request = {"model": "logistic", "split": "shuffled"} | fields
        storage.put(table())
        dataset = stage(TrainingRequest.from_event(request, Config()), storage, Config())
        assert isinstance(dataset, ValidatedDataset)
        return dataset

    return run


def fitted(dataset: ValidatedDataset, storage) -> ValidatedDataset:
    """What FitFolds makes of the list of folds."""
    outputs = [fit_fold(FoldTask(dataset, fold), storage).to_event() for fold in dataset.folds]
    return replace(dataset, folds=tuple(Fold.from_event(output["fold"], "fold") for output in outputs))


def summary_of(dataset: ValidatedDataset, storage) -> dict:
    return json.loads(storage.read(summarize(dataset, storage).summary))


def test_a_fold_leaves_a_file_of_its_own_and_puts_out_a_reference_to_it(staged, storage):
    dataset = staged()
    task = FoldTask.from_event({"task": "FitFold"} | dataset.to_event() | {"fold": {"index": 3, "count": 5}})
    output = fit_fold(task, storage).to_event()
    place = RunFiles("artifacts", dataset.run.run_id).fold(3)
    assert output["fold"] == {
        "index": 3,
        "count": 5,
        **place.to_event(),
        "sha256": output["fold"]["sha256"],
    }
    assert len(json.dumps(output["fold"])) < 300
    assert json.loads(storage.read(place))["run_id"] == dataset.run.run_id


@pytest.mark.parametrize("split", ["shuffled", "chronological"])
@pytest.mark.parametrize("model", ["logistic", "auto"])
def test_folds_fitted_side_by_side_choose_as_one_invocation_alone_does(
    model, split, staged, new_storage, storage
):
    dataset = staged(model=model, split=split)
    alone = new_storage()
    alone.objects = dict(storage.objects)
    assert summary_of(fitted(dataset, storage), storage) == summary_of(dataset, alone)


def test_the_choice_is_in_the_summary_and_its_leaderboard_in_the_output(staged, storage):
    output = summarize(fitted(staged(), storage), storage)
    choice = json.loads(storage.read(output.summary))["choice"]
    assert (choice["folds"], choice["forward"], choice["fit_rows"]) == (5, False, 96)
    assert output.to_event()["leaderboard"] == choice["leaderboard"]
    assert [entry["kind"] for entry in choice["leaderboard"]] == ["logistic"] * 3
    assert sum(member["weight"] for member in choice["members"]) == 1


def test_the_gaussian_has_nothing_to_choose(staged, storage):
    dataset = staged(model="gaussian")
    assert dataset.folds == ()
    assert summary_of(dataset, storage)["choice"] is None
    assert summarize(dataset, storage).leaderboard == ()


def test_a_fold_of_an_earlier_run_of_the_same_work_is_found(staged, storage):
    dataset = staged()
    first = fit_fold(FoldTask(dataset, dataset.folds[1]), storage)
    again = fit_fold(FoldTask(dataset, dataset.folds[1]), storage)
    assert (first.run.cached, again.run.cached) == ((), ("FitFold",))
    assert again.fold == first.fold
    forced = replace(dataset.run, conditions=replace(dataset.run.conditions, force=True))
    assert fit_fold(FoldTask(replace(dataset, run=forced), dataset.folds[1]), storage).run.cached == ()


@pytest.mark.parametrize("damage", [b"", b"[]", b'{"fold_version": 1, "run_id": "another"}'])
def test_a_damaged_fold_is_fitted_again(damage, staged, storage):
    dataset = staged()
    first = fit_fold(FoldTask(dataset, dataset.folds[0]), storage)
    storage.put(damage, "artifacts", first.fold.result.key)
    assert fit_fold(FoldTask(dataset, dataset.folds[0]), storage) == first


def test_a_step_alone_fits_only_the_folds_that_are_missing(staged, storage, monkeypatch):
    dataset = staged()
    for fold in dataset.folds[:3]:
        fit_fold(FoldTask(dataset, fold), storage)
    written = []
    write = model_choice.write_fold
    monkeypatch.setattr(
        model_choice, "write_fold", lambda *about: written.append(about[1].index) or write(*about)
    )
    summarize(dataset, storage)
    assert written == [3, 4]


def test_a_fold_that_was_altered_is_a_changed_dataset(staged, storage):
    dataset = fitted(staged(), storage)
    storage.put(b"{}", "artifacts", dataset.folds[2].result.key)
    with pytest.raises(DatasetChangedError, match=r"model/fold-2\.json has other content"):
        summarize(dataset, storage)


def test_folds_that_one_invocation_has_no_time_for_say_what_to_start_instead(staged, storage, monkeypatch):
    dataset = staged()
    monkeypatch.setattr(model_choice, "FIT_SECONDS", 1e-9)
    with pytest.raises(InvalidRequestError, match="start the state machine, which fits them side by side"):
        summarize(dataset, storage)
    assert summarize(fitted(dataset, storage), storage).metrics["accuracy"] > 0.5


def test_more_rows_than_the_function_has_time_for_are_refused_with_what_to_lower(
    staged, storage, monkeypatch
):
    dataset = staged(fit_rows=100)
    monkeypatch.setattr(fitting_rows, "FIT_SECONDS", 1e-4)
    with pytest.raises(InvalidRequestError, match=r"are too many for logistic|lower fit_rows to"):
        fit_fold(FoldTask(dataset, dataset.folds[0]), storage)


def test_fewer_rows_to_fit_on_are_drawn_and_said(staged, storage, monkeypatch):
    storage.put(table(400))
    request = TrainingRequest.from_event(
        {"model": "logistic", "split": "shuffled", "fit_rows": 100}, Config()
    )
    dataset = stage(request, storage, Config())
    choice = summary_of(dataset, storage)["choice"]
    assert 90 <= choice["fit_rows"] <= 100


@pytest.mark.parametrize("model", ["logistic", "gaussian"])
def test_refit_all_publishes_another_model_with_the_same_metrics(model, staged, storage):
    plain, refitted = (summary_of(staged(model=model, refit_all=flag), storage) for flag in (False, True))
    assert plain["metrics"] == refitted["metrics"]
    assert plain["model"] != refitted["model"]


@pytest.mark.parametrize("model", ["auto", "logistic", "boosted_trees"])
def test_too_few_rows_to_choose_by_have_the_simplest_of_what_was_asked_for(model, storage):
    storage.put(table(12))
    request = TrainingRequest.from_event({"model": model, "split": "shuffled"}, Config())
    document = summary_of(stage(request, storage, Config()), storage)
    assert document["choice"] is None
    assert document["model"]["kind"] == ("gaussian" if model == "auto" else model)


@pytest.mark.parametrize(
    "fold", [None, 3, {}, {"index": 0}, {"index": -1, "count": 5}, {"index": 5, "count": 5}]
)
def test_a_damaged_fold_in_the_event_is_an_invalid_request(fold, staged):
    with pytest.raises(InvalidRequestError, match="fold must be"):
        FoldTask.from_event(staged().to_event() | {"fold": fold})

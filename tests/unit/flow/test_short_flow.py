"""The way of one shard through the definition, by the handlers."""

import json

import pytest
from executing import Failed, Flow
from tests.unit.conftest import DATA_KEY


@pytest.fixture
def flow(storage, sample_csv) -> Flow:
    return Flow(storage.put(sample_csv.read_bytes(), key=DATA_KEY))


def test_one_shard_goes_through_no_distributed_map(flow):
    output = flow.execute({"model": "gaussian"})

    assert flow.tasks == ["FetchAndValidate", "Summarize", "PublishArtifact"]
    assert output["spread"] is None
    assert (
        json.loads(flow.storage.objects["artifacts", "models/training_pipeline.pkl"])["model"]["kind"]
        == "gaussian"
    )


def test_an_error_of_the_data_ends_in_the_fail_state_under_its_name(flow):
    flow.storage.put(b"a,label\nx,1\n")

    with pytest.raises(Failed, match="InvalidDatasetError"):
        flow.execute({"model": "gaussian"})


def test_a_rejected_model_ends_with_the_figures(flow):
    with pytest.raises(Failed, match=r"ModelRejectedError: accuracy is 0\.\d+; min_accuracy asks for 1"):
        flow.execute({"model": "gaussian", "min_accuracy": 1.0})

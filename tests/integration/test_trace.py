"""The trace of real runs: their states, their calls from the functions' logs, and the shards of a Map."""

import hashlib
import json
import re

import pytest

SHARDED = "open,volume,label\n" + "".join(
    f"{number % 977}.{number % 89},{number % 613},{number % 2}\n" for number in range(180_000)
)


@pytest.fixture(scope="module")
def trained(pipeline, sample) -> dict:
    done = pipeline.execute({"test_size": 0.22})
    assert done["status"] == "SUCCEEDED", done
    return done


def test_a_run_has_a_page_with_its_states_and_their_calls(pipeline, trained, tmp_path):
    page = tmp_path / "trace.html"
    name = trained["executionArn"].rpartition(":")[2]
    done = pipeline.cloud.command("trace", "--execution", name, "--page", page)
    assert done.returncode == 0, done.stderr
    assert name in done.stdout
    text = page.read_text()
    for state in ("FetchAndValidate", "Summarize", "PublishArtifact"):
        assert f'<span class="name">{state}</span>' in text
        assert f"{state}: " in text
    assert text.count("<h3>Log of ") == 3
    assert 'aria-label="Summarize: ' in text  # in the graph
    sha256 = json.loads(trained["output"])["artifact"]["sha256"]
    assert f'href="cards/{sha256[:12]}.html"' in text
    assert (tmp_path / "cards" / f"{sha256[:12]}.html").read_text().startswith("<!DOCTYPE html>")
    artifact = tmp_path / "artifacts" / f"{sha256[:12]}.json"
    assert hashlib.sha256(artifact.read_bytes()).hexdigest() == sha256
    assert len(re.findall(r'class="bar handler"[^>]*title="handler', text)) == 3


def test_a_run_is_found_by_its_run_id(pipeline, trained, tmp_path):
    page = tmp_path / "trace.html"
    run_id = json.loads(trained["output"])["run"]["run_id"]
    done = pipeline.cloud.command("trace", "--execution", run_id, "--page", page)
    assert done.returncode == 0, done.stderr
    assert run_id in page.read_text()


def test_the_shards_and_the_ranges_of_the_maps_are_items_in_lanes(pipeline, tmp_path):
    key = pipeline.upload(SHARDED, "trace_shards.csv")
    executed = pipeline.execute({"key": key, "artifact_key": "models/trace.pkl"})
    assert executed["status"] == "SUCCEEDED", executed
    page = tmp_path / "trace.html"
    done = pipeline.cloud.command("trace", "--execution", executed["executionArn"], "--page", page)
    assert done.returncode == 0, done.stderr
    text = page.read_text()
    run_id = json.loads(executed["output"])["run"]["run_id"]
    results = [
        key for key in pipeline.objects(f"runs/{run_id}/dataset/shard-") if key.endswith("/result.json")
    ]
    ranges = len(json.loads(pipeline.read(f"runs/{run_id}/model/ranges.json")))
    assert len(results) > 1
    assert ranges > 1
    of_ranges = ["SummarizeShard", "GatherShardMoments", "EvaluateShard"]
    assert re.search(rf">{len(results)} items in \d+ lanes?<", text)
    assert len(re.findall('class="bar handler" href="#state-', text)) == len(results) + 3 * ranges
    for task, items in {"ValidateShard": len(results), **dict.fromkeys(of_ranges, ranges)}.items():
        assert f">{task} x {items}<" in text
    assert "&#34;first&#34;: 0, &#34;index&#34;: 0" in text  # what a range's item was given


def test_a_failed_run_has_a_page_with_its_error(pipeline, sample, tmp_path):
    executed = pipeline.execute({"label_column": "<b>nope</b>"})
    assert executed["status"] == "FAILED"
    page = tmp_path / "trace.html"
    done = pipeline.cloud.command("trace", "--execution", executed["executionArn"], "--page", page)
    assert done.returncode == 0, done.stderr
    text = page.read_text()
    assert "&lt;b&gt;nope&lt;/b&gt;" in text
    assert "<b>nope" not in text


def test_an_unknown_run_is_one_line_and_no_page(pipeline, trained, tmp_path):
    done = pipeline.cloud.command("trace", "--execution", "nope", "--page", tmp_path / "trace.html")
    assert done.returncode == 2
    assert done.stderr.startswith("trace: no execution is named 'nope'")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []

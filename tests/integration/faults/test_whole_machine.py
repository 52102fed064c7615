"""The machine gives way: its disk is full, its local cloud is restarted."""

import json
import resource
import shutil
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from fault_lab import Lab, Trial
from fault_scenarios import MODEL, STEPS, scenario

LIMITED = hasattr(psutil.Process, "rlimit")  # of another process: Linux only


@pytest.mark.skipif(not LIMITED, reason="the limit of another process can be set on Linux only")
@scenario("no byte can be written to any disk, and the functions' `/tmp` is gone", leaves=MODEL, cached=STEPS)
def test_the_functions_need_no_disk(trial: Trial) -> None:
    trial.run(test_size=0.3)  # so that the processes are there
    trial.rebase()
    limits = {process: process.rlimit(resource.RLIMIT_FSIZE) for process in trial.lab.functions()}
    for process in limits:
        process.rlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        shutil.rmtree(process.environ()["TMPDIR"])
    try:
        trial.ended(trial.start())
        assert set(trial.lab.functions()) == set(limits)  # none was replaced by one without the limit
    finally:
        for process, limit in limits.items():
            process.rlimit(resource.RLIMIT_FSIZE, limit)
    trial.next_run()


@scenario(
    "the local cloud is restarted between two steps",
    told="`make run-pipeline` ends with one line, such as `run-pipeline: GetExecutionHistory was refused: "
    "503: Service Unavailable`",
    leaves="everything is gone, as LocalStack has it",
    again="`make run-pipeline`, which deploys afresh; cached: nothing",
)
def test_the_local_cloud_is_restarted_between_two_steps(
    request, lab: Lab, restart, csv: bytes, tmp_path
) -> None:
    data = tmp_path / "candles.csv"
    data.write_bytes(csv)
    trial = Trial(lab, request.function.scenario, csv)
    asked = json.dumps({"artifact_key": trial.stable})

    def run_pipeline():
        record = tmp_path / "execution.json"
        return lab.pipeline.cloud.command(
            "run-pipeline", "--data", data, "--input", asked, "--record", record
        )

    with ThreadPoolExecutor(1) as pool, trial.held("GET", r"/part-00000\.npz$") as summarizing:
        running = pool.submit(run_pipeline)
        summarizing.wait()
        restart.stop()
        seen = running.result()
        summarizing.drop()
    assert seen.returncode == 1
    assert len(seen.stderr.strip().splitlines()) == 1
    assert seen.stderr.startswith("run-pipeline: ")

    restart.start()
    assert lab.s3.list_objects_v2(Bucket=lab.artifact_bucket, Prefix="models/")["KeyCount"] == 0
    again = run_pipeline()
    assert again.returncode == 0, again.stderr
    document = json.loads((tmp_path / "execution.json").read_text())
    assert (document["status"], document["output"]["run"]["cached"]) == ("SUCCEEDED", [])

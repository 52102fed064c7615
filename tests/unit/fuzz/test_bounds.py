"""Content made to cost memory, time or a long message ends within a bound that a small Lambda has.

Memory is the whole process's, with Python and boto3 (some 45 MB). Of content that is accepted or refused only at
its end the scenarios are small; at the pace seen here the function's timeout ends what is larger.
"""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from fuzzing import MAX_MESSAGE
from hostile_content import SCENARIOS

from shared.csv_file import compression
from shared.csv_file.cells import LabelCodes
from shared.csv_file.compression import gunzipped
from shared.errors import InvalidDatasetError

ROOT = Path(__file__).parents[3]
MAX_PEAK_MB = 256
MAX_SECONDS = 30
ACCEPTED = {
    "a column with a name of 200 KB and a bad cell",
    "a gzip bomb of 20 MB of rows",
    "a million spellings of no label",
    "a million spellings of one label",
    "4 MB of blank lines",
    "3 MB of rows of one cell",
    "half a million empty gzip members",
}


def finished(scenario: str) -> dict:
    # By way of a small process: on Linux a child's peak memory starts at what its parent holds.
    small = "import os, sys; status = os.spawnv(os.P_WAIT, sys.argv[1], sys.argv[1:]); sys.exit(status)"
    script = Path(__file__).with_name("hostile_content.py")
    call = [sys.executable, "-I", "-S", "-c", small, sys.executable, script, scenario]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "functions"), "SHARD_BYTES": str(2 << 30)}
    done = subprocess.run(call, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-1000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_costly_content_is_accepted_or_refused_within_bounds(tried, scenario):
    tried("costly CSVs")
    result = finished(scenario)
    assert result.get("error", "accepted") == ("accepted" if scenario in ACCEPTED else "InvalidDatasetError")
    assert len(result.get("message", "")) <= MAX_MESSAGE
    assert result["peak_mb"] < MAX_PEAK_MB
    assert result["seconds"] < MAX_SECONDS


def test_gzip_that_unfolds_to_more_than_one_invocation_can_read_is_refused(monkeypatch):
    monkeypatch.setattr(compression, "MAX_CONTENT_BYTES", 10 << 20)
    with pytest.raises(InvalidDatasetError, match="unfolds to more than 10,485,760 bytes"):
        list(gunzipped([gzip.compress(bytes(11 << 20))]))
    assert len(b"".join(gunzipped([gzip.compress(bytes(10 << 20))]))) == 10 << 20


def test_zeros_behind_a_gzip_member_are_padding():
    packed = gzip.compress(b"a,label\n") + bytes(512) + gzip.compress(b"1,x\n") + bytes(20_000)
    assert b"".join(gunzipped([packed])) == b"a,label\n1,x\n" == gzip.decompress(packed)


def test_a_class_has_a_name_of_up_to_1024_bytes():
    labels = LabelCodes("label")
    assert labels["é" * 512] == 0
    with pytest.raises(
        InvalidDatasetError, match=r"column 'label' has the value 'é+\.\.\.' of 513 characters"
    ):
        labels["é" * 513]


def test_the_codes_of_labels_do_not_grow_with_their_spellings():
    labels = LabelCodes("label")
    assert {labels[b" " * (i % 300) + b"x" + b" " * (i // 300)] for i in range(40_000)} == {0}
    assert len(labels) <= 1 << 14
    assert labels.classes == ["x"]

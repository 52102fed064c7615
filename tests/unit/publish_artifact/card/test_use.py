"""The program on a card runs as it stands, with the artifact of the card."""

import ast
import html
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from publish_artifact.card.page import model_card
from shared.canonical_json import canonical_json

FUNCTIONS = Path(__file__).parents[4] / "functions"
WIDE = 40


def code(card: bytes, kind: str) -> str:
    (found,) = re.findall(rf'<pre><code class="{kind}">(.*?)</code></pre>', card.decode(), re.DOTALL)
    return html.unescape(found)


def run(program: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-S", "-c", program],
        cwd=folder, env=os.environ | {"PYTHONPATH": str(FUNCTIONS)}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", ["iris", "penguins", "candles"])
def test_the_program_predicts_a_row(name, published, tmp_path):
    content = canonical_json(published(name))
    (tmp_path / "model.json").write_bytes(content)
    label, probabilities = run(code(model_card(content), "python"), tmp_path).splitlines()
    assert ast.literal_eval(label)[0] in published(name)["model"]["classes"]
    assert sum(values[0] for values in ast.literal_eval(probabilities).values()) == pytest.approx(1.0)


def test_of_many_columns_the_program_shows_some_and_predicts_all_the_same(publish_content, tmp_path):
    names = [f"x {j}\"'" for j in range(WIDE)]
    rows = [[(i * (j + 3)) % 7 + i % 2 for j in range(WIDE)] + ["ab"[i % 2]] for i in range(90)]
    text = ",".join(['"' + name.replace('"', '""') + '"' for name in names] + ["label"])
    text += "".join("\n" + ",".join(map(str, row)) for row in rows)
    content = publish_content(text.encode(), split="shuffled")
    (tmp_path / "model.json").write_bytes(content)
    program = code(model_card(content), "python")
    assert len(program) < 2_000
    assert run(program, tmp_path).startswith("['")


def test_the_command_is_one_of_the_makefile(published):
    command = code(model_card(canonical_json(published("iris"))), "shell").split()
    planned = subprocess.run([*command, "--dry-run"], cwd=FUNCTIONS.parent, capture_output=True, text=True)
    assert planned.returncode == 0, planned.stderr
    assert '"--data=$DATA"' in planned.stdout
    assert '"--model=$MODEL"' in planned.stdout


def test_the_commands_name_this_model(published):
    content = canonical_json(published("iris"))
    card = model_card(content)
    version = re.search(r"<code>([0-9a-f]{64})</code>", card.decode()).group(1)
    assert code(card, "shell") == f"make predict MODEL={version[:12]} DATA=new.csv"
    assert code(card, "fetch") == (
        f"scripts/aws-local.sh s3 cp 's3://artifacts/models/training_pipeline/versions/{version}.json' model.json"
    )

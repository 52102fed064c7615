"""Runs one model on one split of a table, each in a process of its own, and keeps what came of it.

A result is found again as long as the code, the environment and the rows that made it are the same.
"""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import processes
from models.figures import figures

_FOLDER = Path(__file__).resolve().parent
ROOT = _FOLDER.parents[1]
WORK = ROOT / "tmp" / "benchmark-models"
TABLES: dict[str, dict[str, Any]] = json.loads((_FOLDER / "tables.json").read_text())
OURS = "model service"
PEERS = (
    "CatBoost",
    "LightGBM",
    "LightGBM, early stopping",
    "HistGradientBoosting",
    "HistGradientBoosting, early stopping",
    "LogisticRegression",
)
_OUR_PYTHON = ROOT / ".venv" / "bin" / "python"  # with what predict reads a CSV
_PEER_PYTHON = ROOT / ".venv-benchmark-models" / "bin" / "python"
_LOCK = _FOLDER / "requirements.lock"


def split(names: Iterable[str], seed: int) -> None:
    """Writes the CSV files of tables for a seed, where they are not there."""
    missing = [name for name in names if not (_folder(name, seed) / "truth.json").exists()]
    if missing:
        processes.run(
            _PEER_PYTHON, str(_FOLDER / "split_tables.py"), str(WORK / "tables"), str(seed), *missing
        )


def result(model: str, name: str, seed: int) -> dict[str, Any]:
    """`figures.figures` of the model on the test rows, with `seconds` and `peak_mb` of its whole process, from the
    interpreter's start to the last probability. Raises BenchmarkError where the process fails."""
    folder = _folder(name, seed)
    python, script, code = _program(model)
    made_from = [model.encode(), *(path.read_bytes() for path in (*code, *sorted(folder.iterdir())))]
    digest = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in made_from)).hexdigest()
    kept = WORK / "results" / f"{digest}.json"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        answer = kept.with_suffix(".answer")
        finished = processes.run(python, str(script), model, str(folder), TABLES[name]["label"], str(answer))
        found = figures(json.loads((folder / "truth.json").read_text()), **json.loads(answer.read_text()))
        found |= {"seconds": finished.whole_seconds, "peak_mb": finished.peak_mb}
        answer.unlink()
        kept.write_text(json.dumps(found))
    return json.loads(kept.read_text())


def _folder(name: str, seed: int) -> Path:
    return WORK / "tables" / name / str(seed)


def _program(model: str) -> tuple[Path, Path, list[Path]]:
    """The interpreter and the script that a model runs as, and the files that decide what it answers."""
    if model == OURS:
        script = _FOLDER / "ours.py"
        return _OUR_PYTHON, script, [script, *sorted((ROOT / "functions").rglob("*.py"))]
    script = _FOLDER / "peers.py"
    return _PEER_PYTHON, script, [script, _LOCK]

"""Our models beside other people's, on other people's tables: `make benchmark-models`.

Prints a table and writes tmp/benchmark-models/result.json; with --page also the page docs/models.md and its picture.
TABLES and SEEDS choose a part. What is unchanged since it was run is not run again.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import processes
from models import document, picture
from models.runs import OURS, PEERS, ROOT, TABLES, WORK, result, split

SEEDS = (1, 2, 3)
PAGE = ROOT / "docs" / "models.md"
PICTURE = ROOT / "docs" / "models.svg"


def measure(names: list[str], seeds: list[int], models: list[str]) -> dict[str, Any]:
    """By model and table, the mean over the seeds of each figure."""
    for seed in seeds:
        split(names, seed)
    found: dict[str, dict[str, dict[str, float]]] = {model: {} for model in models}
    for model in models:
        for name in names:
            of_seeds = []
            for seed in seeds:
                of_seeds.append(result(model, name, seed))
                figures = ", ".join(f"{key} {value:.4g}" for key, value in of_seeds[-1].items())
                print(f"{model}, {name}, seed {seed}: {figures}", file=sys.stderr, flush=True)
            found[model][name] = {key: sum(one[key] for one in of_seeds) / len(seeds) for key in of_seeds[0]}
    return {"machine": processes.machine(), "seeds": seeds, "models": found}


def _chosen(text: str, allowed: list[str], what: str) -> list[str]:
    chosen = text.replace(",", " ").split() or allowed
    if unknown := [word for word in chosen if word not in allowed]:
        raise processes.BenchmarkError(f"{what} names {unknown[0]!r}; allowed: {' '.join(allowed)}")
    return chosen


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", default="", help="names from tables.json, all without")
    parser.add_argument("--seeds", default="", help="1 2 3 without")
    parser.add_argument("--page", action="store_true", help="write docs/models.md and its picture")
    parser.add_argument("--only-peers", action="store_true", help="leave our own models out")
    arguments = parser.parse_args()
    try:
        names = _chosen(arguments.tables, list(TABLES), "TABLES")
        seeds = [int(seed) for seed in _chosen(arguments.seeds, [*map(str, SEEDS)], "SEEDS")]
        measured = measure(names, seeds, [*PEERS, *([] if arguments.only_peers else [OURS])])
    except processes.BenchmarkError as error:
        print(f"benchmark-models: {error}", file=sys.stderr)
        return 1
    WORK.mkdir(parents=True, exist_ok=True)
    (WORK / "result.json").write_text(json.dumps(measured, indent=1))
    if arguments.only_peers:
        return 0
    print(document.text(measured))
    if arguments.page:
        PAGE.write_text(document.page(PAGE.read_text(), measured))
        picture.draw(measured, PICTURE)
        print(f"wrote {Path(PAGE).relative_to(ROOT)} and {PICTURE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Puts a result of `make benchmark` into the documentation: docs/benchmark.md and docs/benchmark.svg.

.venv/bin/python benchmarks/document.py [tmp/benchmark.json]
"""

import json
import sys
from pathlib import Path

import processes
from page_parts import with_part
from processes import PEERS
from result_tables import as_markdown, disturbances, machine_line, tables

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "benchmark.md"
BEGIN = "<!-- results: written by benchmarks/document.py -->\n"
END = "<!-- end of results -->\n"


def with_results(page: str, results: str) -> str:
    """The page with other results; raises ValueError when it has no place for them."""
    return with_part(page, BEGIN, END, results)


def main() -> None:
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tmp" / "benchmark.json"
    result = json.loads(source.read_text())
    sections = [machine_line(result) + ".", *disturbances(result), *map(as_markdown, tables(result))]
    PAGE.write_text(with_results(PAGE.read_text(), "\n\n".join(sections)))
    chart = str(Path(__file__).with_name("chart.py"))
    processes.run(PEERS, chart, str(source), str(PAGE.with_suffix(".svg")))


if __name__ == "__main__":
    main()

"""pandas, polars and DuckDB read a table of text, dates and holes: numbers, categories and dates, each as that.

    python mixed_peers.py ROUNDS FILE.csv

Seconds are processor seconds, over all cores. Prints {"pandas": [seconds], "polars": [...], "DuckDB": [...]}.
"""

import json
import sys
import time
from collections.abc import Callable

import duckdb
import pandas as pd
import polars as pl

from mixed_table import DATES, DISTINCT


def with_pandas(csv: str) -> None:
    pd.read_csv(csv, dtype=dict.fromkeys(DISTINCT, "category"), parse_dates=DATES)


def with_polars(csv: str) -> None:
    pl.read_csv(csv, try_parse_dates=True, schema_overrides=dict.fromkeys(DISTINCT, pl.Categorical))


def with_duckdb(csv: str) -> None:
    with duckdb.connect() as connection:
        connection.execute("SELECT * FROM read_csv(?)", [csv]).fetchnumpy()


PEERS: dict[str, Callable[[str], None]] = {
    "pandas": with_pandas,
    "polars": with_polars,
    "DuckDB": with_duckdb,
}


def main() -> None:
    rounds, csv = int(sys.argv[1]), sys.argv[2]
    found: dict[str, list[float]] = {name: [] for name in PEERS}
    for _ in range(rounds):
        for name, read in PEERS.items():
            start = time.process_time()
            read(csv)
            found[name].append(time.process_time() - start)
    print(json.dumps(found))


if __name__ == "__main__":
    main()

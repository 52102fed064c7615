"""Time and cost on AWS, worked out from what `make benchmark-scale` measured and from AWS's published prices.

Extrapolation, not measurement: processor time is taken to scale with a function's share of a core, which on
AWS follows from its memory; S3 is taken to be as fast as the local one.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from fetch_and_validate.part_writer import PART_BYTES
from result_tables import Table

Json = dict[str, Any]

CORE_MB = 1769  # of Lambda memory give one core
MEMORY_MB = 1024  # lambda_memory_mb's default
SUMMARIZE_MB = 1769  # summarize_memory_mb's default
LAMBDA_LIMIT_SECONDS = 900
FOLDS = 5  # at most, of model "auto", each a Lambda of its own; the measured runs have none
CHILDREN_A_SECOND = 100  # STANDARD children of a Distributed Map that an account may start
FEATURES = 5  # numeric columns of the candles
KEPT_MONTHS = 1  # runs_retention_days is 30
SIZES = {"1 GB": 10**9, "100 GB": 10**11, "1 TB": 10**12}
AT_ONCE = (100, 1000)


@dataclass(frozen=True)
class Prices:
    """US dollars in us-east-1; where each is from: docs/scale.md."""

    gb_second: float = 0.0000133334
    million_requests: float = 0.20
    thousand_transitions: float = 0.025
    thousand_puts: float = 0.005
    thousand_gets: float = 0.0004
    gb_month: float = 0.023


@dataclass(frozen=True)
class Measured:
    """Seconds on one core of the machine that was measured on."""

    validate_seconds_per_mb: float
    plan_seconds_per_cut: float
    collect_seconds_per_shard: float
    summarize_seconds_per_mb: float
    overhead_seconds: float
    rows_per_mb: float

    @classmethod
    def of(cls, result: Json) -> Self:
        """From the runs with one environment: the largest CSV, and for what a shard adds also the smallest.

        Raises ValueError where these are not two sizes with a Map.
        """
        alone = sorted(
            (run for run in result["runs"] if run["concurrency"] == 1 and run["map"]),
            key=lambda run: (run["bytes"], run["map"]["seconds"]),
        )
        sizes = {run["bytes"] for run in alone}
        if len(sizes) < 2:
            raise ValueError("two sizes of several shards are needed, each with one environment")
        small = next(run for run in alone if run["bytes"] == min(sizes))
        large = next(run for run in alone if run["bytes"] == max(sizes))
        megabytes = large["bytes"] / 1e6
        more = large["map"]["shards"] - small["map"]["shards"]

        def per_shard(state: str) -> float:
            return max(0.0, large["steps"][state] - small["steps"][state]) / more

        return cls(
            validate_seconds_per_mb=large["map"]["handler_seconds"] / megabytes,
            plan_seconds_per_cut=per_shard("FetchAndValidate"),
            collect_seconds_per_shard=per_shard("CollectShards"),
            summarize_seconds_per_mb=large["functions"]["summarize"]["seconds"] / megabytes,
            overhead_seconds=large["map"]["overhead_ms"] / 1000,
            rows_per_mb=large["rows"] / megabytes,
        )


@dataclass(frozen=True)
class Estimate:
    """A run on AWS. map_seconds: by how many shards at once; dollars: by what they are for."""

    shards: int
    plan_seconds: float
    map_seconds: dict[int, float]
    collect_seconds: float
    summarize_seconds: float
    dollars: dict[str, float]

    def total_seconds(self, at_once: int) -> float:
        """With Summarize shared out as the Map is, where one Lambda's time does not do."""
        alone = self.summarize_seconds <= LAMBDA_LIMIT_SECONDS
        summarize = self.summarize_seconds / (1 if alone else min(at_once, self.shards))
        return self.plan_seconds + self.map_seconds[at_once] + self.collect_seconds + summarize


def estimate(size: int, measured: Measured, shard_bytes: int, prices: Prices, memory_mb: int) -> Estimate:
    """size: bytes of the CSV; memory_mb: of each function but summarize, which has SUMMARIZE_MB, a whole core."""
    slower = CORE_MB / min(memory_mb, CORE_MB)  # one thread does not use a second core
    megabytes = size / 1e6
    shards = max(1, round(size / shard_bytes))
    validate = measured.validate_seconds_per_mb * megabytes * slower
    plan = measured.plan_seconds_per_cut * shards * slower
    collect = measured.collect_seconds_per_shard * shards * slower
    summarize = measured.summarize_seconds_per_mb * megabytes
    rows = measured.rows_per_mb * megabytes
    parts = shards * math.ceil(rows / shards * 8 * FEATURES / PART_BYTES)
    puts = parts + shards + 4  # parts, results; plan, shards, manifest, summary
    gets = shards * (1 + 1 + 1 + 1) + parts  # probe, plan, data, result; Summarize's reading
    dollars = {
        "Lambda, duration": ((validate + plan + collect) * memory_mb + summarize * SUMMARIZE_MB)
        / 1024
        * prices.gb_second,
        "Lambda, requests": (shards + 4) * prices.million_requests / 1e6,
        # An execution of its own per shard: its start and its one state.
        "Step Functions": (2 * shards + 7) * prices.thousand_transitions / 1000,
        "S3, requests": puts * prices.thousand_puts / 1000 + gets * prices.thousand_gets / 1000,
        "S3, the parts for 30 days": rows * (8 * FEATURES + 1) / 1e9 * prices.gb_month * KEPT_MONTHS,
    }
    rounds = {at_once: math.ceil(shards / at_once) for at_once in AT_ONCE}
    each = validate / shards + measured.overhead_seconds
    # However many may work at once, they begin no faster than the account starts them.
    mapped = {at_once: max(count * each, shards / CHILDREN_A_SECOND) for at_once, count in rounds.items()}
    return Estimate(shards, plan, mapped, collect, summarize, dollars)


def folds_dollars(prices: Prices) -> float:
    """What the folds cost at most, whatever the size: what is fitted is bounded by what a Lambda may take."""
    return FOLDS * LAMBDA_LIMIT_SECONDS * SUMMARIZE_MB / 1024 * prices.gb_second


def tables(result: Json, memory_mb: int = MEMORY_MB) -> Iterator[Table]:
    """What goes in, and what comes out for each of SIZES."""
    return tables_of(Measured.of(result), result["shard_bytes"], memory_mb)


def tables_of(measured: Measured, shard_bytes: int, memory_mb: int = MEMORY_MB) -> Iterator[Table]:
    prices = Prices()
    yield Table(
        "What goes in",
        "seconds on one core of the machine above, with one environment at work",
        ("", "measured"),
        [
            ("FetchAndValidate, a shard: seconds a MB", f"{measured.validate_seconds_per_mb:.4f}"),
            ("FetchAndValidate, the plan: seconds a cut more", f"{measured.plan_seconds_per_cut:.4f}"),
            (
                "FetchAndValidate, collecting: seconds a shard more",
                f"{measured.collect_seconds_per_shard:.4f}",
            ),
            ("Summarize: seconds a MB", f"{measured.summarize_seconds_per_mb:.4f}"),
            ("overhead: seconds a shard", f"{measured.overhead_seconds:.3f}"),
        ],
    )
    found = {name: estimate(size, measured, shard_bytes, prices, memory_mb) for name, size in SIZES.items()}
    yield Table(
        "Time on AWS",
        f"extrapolated; functions of {memory_mb:,} MB, {memory_mb / CORE_MB:.2f} of a core each, and summarize of "
        f"{SUMMARIZE_MB:,} MB; children start at {CHILDREN_A_SECOND} a second",
        ("", *found),
        [
            ("shards", *(f"{one.shards:,}" for one in found.values())),
            ("the plan", *(_time(one.plan_seconds) for one in found.values())),
            *(
                (
                    f"the Map, {at_once:,} at once",
                    *(_time(one.map_seconds[at_once]) for one in found.values()),
                )
                for at_once in AT_ONCE
            ),
            ("CollectShards", *(_time(one.collect_seconds) for one in found.values())),
            ("Summarize in one Lambda", *(_time(one.summarize_seconds) for one in found.values())),
            *(
                (f"all, {at_once:,} at once", *(_total(one, at_once) for one in found.values()))
                for at_once in AT_ONCE
            ),
        ],
    )
    purposes = list(next(iter(found.values())).dollars)
    yield Table(
        "Cost on AWS",
        "extrapolated, US dollars a run; without free tiers, logs and the CSV's own storage",
        ("", *found),
        [
            *((purpose, *(_dollars(one.dollars[purpose]) for one in found.values())) for purpose in purposes),
            ("all", *(_dollars(sum(one.dollars.values())) for one in found.values())),
            ('and the folds of model "auto", at most', *(_dollars(folds_dollars(prices)) for _ in found)),
        ],
    )
    slower = CORE_MB / min(memory_mb, CORE_MB)
    cut, shard = measured.plan_seconds_per_cut * slower, measured.collect_seconds_per_shard * slower
    megabyte = measured.summarize_seconds_per_mb
    yield Table(
        "Where one Lambda's time ends",
        f"extrapolated: size of the CSV at which a step that is one Lambda (of {memory_mb:,} MB, summarize of "
        f"{SUMMARIZE_MB:,}) takes this long",
        ("", "300 s (the default timeout)", "900 s (Lambda's limit)"),
        [
            ("the plan", *(_size(limit / cut * shard_bytes) if cut else "" for limit in (300, 900))),
            ("CollectShards", *(_size(limit / shard * shard_bytes) if shard else "" for limit in (300, 900))),
            ("Summarize", *(_size(limit / megabyte * 1e6) for limit in (300, 900))),
        ],
    )


def _total(one: Estimate, at_once: int) -> str:
    mark = "" if one.summarize_seconds <= LAMBDA_LIMIT_SECONDS else " (*)"
    return _time(one.total_seconds(at_once)) + mark


def _time(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _dollars(amount: float) -> str:
    return f"{amount:.4f}" if amount < 0.1 else f"{amount:.2f}"


def _size(size: float) -> str:
    return f"{size / 1e12:.1f} TB" if size >= 1e12 else f"{size / 1e9:.0f} GB"

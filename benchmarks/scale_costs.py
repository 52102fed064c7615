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
from scale_measure import MAP, MAPS
from shared.config import Config
from summarize.rows.ranges import MOST_RANGES, range_rows

Json = dict[str, Any]

CORE_MB = 1769  # of Lambda memory give one core
MEMORY_MB = 1024  # lambda_memory_mb's default
SUMMARIZE_MB = 1769  # summarize_memory_mb's default
LAMBDA_LIMIT_SECONDS = 900
FOLDS = 5  # at most, of model "auto", each a Lambda of its own; the measured runs have none
CHILDREN_A_SECOND = 100  # STANDARD children of a Distributed Map that an account may start
FEATURES = 5  # numeric columns of the candles
KEPT_MONTHS = 1  # runs_retention_days is 30
SIZES = {"1 GB": 10**9, "100 GB": 10**11, "1 TB": 10**12, "10 TB": 10**13}
AT_ONCE = (100, 1000)

# Steps that are one Lambda whatever the size, by the items that make them longer; those of shards are the first step's.
OF_SHARDS = ("FetchAndValidate", "CollectShards")
OF_RANGES = ("PlanRanges", "LearnColumns", "ChooseModel", "Summarize")
SINGLE = OF_SHARDS + OF_RANGES
STATES = 15  # that an execution of the Gaussian enters, its Maps among them
# What an item of a Map over ranges writes: counts and drawn rows; moments; counts, test rows and rows to explain by.
WRITTEN_BY_RANGE = 2 + 1 + 3


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
    """Seconds on one core of the machine that was measured on.

    a_megabyte: by Map, of its items' handlers; an_item: by step that is one Lambda, what a shard or a range more adds;
    overhead: what an item of a Map costs beside its handler.
    """

    a_megabyte: dict[str, float]
    an_item: dict[str, float]
    overhead: float
    rows_per_mb: float

    @classmethod
    def of(cls, result: Json) -> Self:
        """From the runs with one environment: the largest CSV, and for what an item adds also the smallest.

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

        def items(run: Json, of_shards: bool) -> int:
            return run["map"]["items"] if of_shards else _ranges(run["rows"])

        def more(step: str) -> float:
            added = items(large, step in OF_SHARDS) - items(small, step in OF_SHARDS)
            longer = large["steps"].get(step, 0.0) - small["steps"].get(step, 0.0)
            return max(0.0, longer) / added if added else 0.0

        tasks = large["tasks"]
        return cls(
            a_megabyte={
                name: tasks[task]["seconds"] / megabytes if task in tasks else 0.0
                for name, task in MAPS.items()
            },
            an_item={step: more(step) for step in SINGLE},
            overhead=large["map"]["overhead_ms"] / 1000,
            rows_per_mb=large["rows"] / megabytes,
        )


@dataclass(frozen=True)
class Estimate:
    """A run of the Gaussian on AWS. single: seconds by step that is one Lambda; maps: by Map and how many items at
    once; dollars: by what they are for."""

    shards: int
    ranges: int
    single: dict[str, float]
    maps: dict[str, dict[int, float]]
    dollars: dict[str, float]

    def total_seconds(self, at_once: int) -> float:
        return sum(self.single.values()) + sum(seconds[at_once] for seconds in self.maps.values())

    @property
    def fits(self) -> bool:
        """Whether each step that is one Lambda ends within Lambda's limit."""
        return max(self.single.values()) <= LAMBDA_LIMIT_SECONDS


def estimate(size: int, measured: Measured, shard_bytes: int, prices: Prices, memory_mb: int) -> Estimate:
    """size: bytes of the CSV; memory_mb: of each function but summarize, which has SUMMARIZE_MB, a whole core."""
    slower = CORE_MB / min(memory_mb, CORE_MB)  # one thread does not use a second core
    megabytes = size / 1e6
    rows = measured.rows_per_mb * megabytes
    shards, ranges = max(1, round(size / shard_bytes)), _ranges(math.ceil(rows))
    items = {name: shards if name == MAP else ranges for name in MAPS}
    handlers = {
        name: seconds * megabytes * (slower if name == MAP else 1.0)
        for name, seconds in measured.a_megabyte.items()
    }
    single = {
        step: seconds * (shards * slower if step in OF_SHARDS else ranges)
        for step, seconds in measured.an_item.items()
    }
    first = handlers[MAP] + sum(single[step] for step in OF_SHARDS)
    second = sum(handlers.values()) + sum(single.values()) - first
    children = sum(items.values())
    # Parts; of a shard its result; of a range what its three tasks write; plans, lists, manifest, summary and the like.
    parts = shards * math.ceil(rows / shards * 8 * FEATURES / PART_BYTES)
    puts = parts + shards + WRITTEN_BY_RANGE * ranges + 4 * len(MAPS)
    # Of a shard a probe, the plan, the data and twice its result; of a range in each of three Maps the plan, the
    # manifest, its parts and its result.
    over_ranges = len(MAPS) - 1
    gets = 5 * shards + over_ranges * (3 * ranges + parts)
    dollars = {
        "Lambda, duration": (first * memory_mb + second * SUMMARIZE_MB) / 1024 * prices.gb_second,
        "Lambda, requests": (children + len(SINGLE) + 1) * prices.million_requests / 1e6,
        # An execution of its own per item: its start and its one state.
        "Step Functions": (2 * children + STATES) * prices.thousand_transitions / 1000,
        "S3, requests": puts * prices.thousand_puts / 1000 + gets * prices.thousand_gets / 1000,
        "S3, the parts for 30 days": rows * (8 * FEATURES + 1) / 1e9 * prices.gb_month * KEPT_MONTHS,
    }
    maps = {
        name: {
            at_once: _map_seconds(items[name], handlers[name], measured.overhead, at_once)
            for at_once in AT_ONCE
        }
        for name in MAPS
    }
    return Estimate(shards, ranges, single, maps, dollars)


def _map_seconds(items: int, handlers: float, overhead: float, at_once: int) -> float:
    """However many may work at once, they begin no faster than the account starts them."""
    rounds = math.ceil(items / at_once)
    return max(rounds * (handlers / items + overhead), items / CHILDREN_A_SECOND)


def _ranges(rows: int) -> int:
    return math.ceil(rows / range_rows(rows, FEATURES, Config.range_cells))


def folds_dollars(prices: Prices) -> float:
    """What the folds cost at most, whatever the size: what is fitted is bounded by what a Lambda may take."""
    return FOLDS * LAMBDA_LIMIT_SECONDS * SUMMARIZE_MB / 1024 * prices.gb_second


def tables(result: Json, memory_mb: int = MEMORY_MB) -> Iterator[Table]:
    """What goes in, and what comes out for each of SIZES."""
    return tables_of(Measured.of(result), result["shard_bytes"], memory_mb)


def tables_of(measured: Measured, shard_bytes: int, memory_mb: int = MEMORY_MB) -> Iterator[Table]:
    prices = Prices()
    kinds = dict.fromkeys(OF_SHARDS, "shard") | dict.fromkeys(OF_RANGES, "range")
    yield Table(
        "What goes in",
        "seconds on one core of the machine above, with one environment at work",
        ("", "measured"),
        [
            *((f"{name}: seconds a MB", f"{seconds:.4f}") for name, seconds in measured.a_megabyte.items()),
            *(
                (f"{step}: seconds a {kinds[step]} more", f"{seconds:.4f}")
                for step, seconds in measured.an_item.items()
            ),
            ("overhead: seconds an item of a Map", f"{measured.overhead:.3f}"),
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
            ("ranges", *(f"{one.ranges:,}" for one in found.values())),
            *((step, *(_time(one.single[step]) for one in found.values())) for step in SINGLE),
            *(
                (f"{name}, {at_once:,} at once", *(_time(one.maps[name][at_once]) for one in found.values()))
                for name in MAPS
                for at_once in AT_ONCE
            ),
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
    yield Table(
        "Where one Lambda's time ends",
        f"extrapolated: size of the CSV at which a step that is one Lambda (of {memory_mb:,} MB, those of ranges of "
        f"{SUMMARIZE_MB:,}) takes this long",
        ("", "300 s (the default timeout of the first step)", "900 s (Lambda's limit)"),
        [
            (step, *(_size(size) if (size := _reached(step, limit, measured, shard_bytes, memory_mb)) else "-"
                     for limit in (300, LAMBDA_LIMIT_SECONDS)))
            for step in SINGLE
        ],
    )  # fmt: skip


def _reached(step: str, limit: float, measured: Measured, shard_bytes: int, memory_mb: int) -> float | None:
    """Bytes of the CSV; None where the step grows no longer with it: ranges are MOST_RANGES at most."""
    each = measured.an_item[step] * (CORE_MB / min(memory_mb, CORE_MB) if step in OF_SHARDS else 1.0)
    items = limit / each if each else math.inf
    if step in OF_SHARDS:
        return items * shard_bytes if each else None
    return (
        items * Config.range_cells / FEATURES / measured.rows_per_mb * 1e6 if items <= MOST_RANGES else None
    )


def _total(one: Estimate, at_once: int) -> str:
    return _time(one.total_seconds(at_once)) + ("" if one.fits else " (*)")


def _time(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _dollars(amount: float) -> str:
    return f"{amount:.4f}" if amount < 0.1 else f"{amount:.2f}"


def _size(size: float) -> str:
    return f"{size / 1e12:.1f} TB" if size >= 1e12 else f"{size / 1e9:.0f} GB"

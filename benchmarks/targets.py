"""The targets, each beside what was measured."""

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

_SMALL = 10  # MB: "at 10 MB and below"
_OURS, _PANDAS = "model service", "pandas + scikit-learn"


@dataclass(frozen=True)
class Target:
    """`explain`: which profile tells why it is missed; None when there is none to take."""

    name: str
    wanted: str
    measured: str
    met: bool
    explain: str | None


def targets(result: Json) -> list[Target]:
    """Of a result of benchmark.py, those targets that it has a measurement for."""
    return [
        *_parsing(result["parsing"]),
        *map(mixed_target, filter(None, [result.get("mixed")])),
        *_fit_and_evaluate(result["sizes"]),
        *_whole_process(result["sizes"]),
        *_imports(result["imports"]),
        *_bounded_memory(result["sizes"], result["parsing"]["part_mb"]),
    ]


def _parsing(parsing: Json) -> list[Target]:
    wanted = {"unquoted": 0.85, "text and label quoted": 0.4, "all quoted": 0.4}
    found = parsing["validated"]
    return [
        Target(
            f"parsing with full validation, {quoting}: share of the bare bound's rows a second",
            f"at least {least:g}",
            f"{found[quoting]['ratio']:.2f}",
            found[quoting]["ratio"] >= least,
            f"parsing {quoting}",
        )
        for quoting, least in wanted.items()
    ]


def mixed_target(mixed: Json) -> Target:
    ratio = mixed["readers"]["FetchAndValidate"]["ratio"]
    return Target(
        "a table of text, dates and holes: share of a bare loop's rows a second",
        "at least 0.5",
        f"{ratio:.2f}",
        ratio >= 0.5,
        None,
    )


def _fit_and_evaluate(sizes: list[Json]) -> list[Target]:
    size = _largest(sizes, 100)
    rate = size["bytes"] / 1e6 / size["steps"]["Summarize"]["processor_seconds"]["best"]
    return [
        Target(
            f"fit and evaluate from the validated parts, {size['megabytes']:g} MB: MB of CSV a second a core",
            "at least 90",
            f"{rate:.0f}",
            rate >= 90,
            "summarize",
        )
    ]


def _whole_process(sizes: list[Json]) -> list[Target]:
    found = []
    for size in sizes:
        if size["megabytes"] > _SMALL:
            continue
        for name in (_OURS, f"{_OURS} with boto3"):
            ours, theirs = size["competitors"][name], size["competitors"][_PANDAS]
            faster = theirs["whole_seconds"]["best"] / ours["whole_seconds"]["best"]
            share = ours["peak_mb"]["best"] / theirs["peak_mb"]["best"]
            which = f"{name}, {size['megabytes']:g} MB"
            found += [
                Target(
                    f"whole process of {which}: times as fast as pandas",
                    "at least 2",
                    f"{faster:.1f}",
                    faster >= 2,
                    "run",
                ),
                Target(
                    f"whole process of {which}: share of pandas's memory",
                    "at most 0.2",
                    f"{share:.2f}",
                    share <= 0.2,
                    "memory",
                ),
            ]
    return found


def _imports(imports: Json) -> list[Target]:
    return [
        Target(
            f"import of {name}.handler beyond boto3's own: ms",
            "at most 30",
            f"{times['best']:.0f}",
            times["best"] <= 30,
            f"import {name}",
        )
        for name, times in imports["handlers_ms"].items()
    ]


def _bounded_memory(sizes: list[Json], part: float) -> list[Target]:
    """From the smallest to the largest of the sizes that make several full parts; part: MB of values in one."""
    full = [size for size in sizes if size["megabytes"] >= 100]
    if len(full) < 2:
        return []
    smaller, larger = full[0], full[-1]
    found = []
    for step in larger["steps"]:
        growth = larger["steps"][step]["peak_mb"]["best"] - smaller["steps"][step]["peak_mb"]["best"]
        found.append(
            Target(
                f"{step}'s peak memory, {larger['megabytes']:g} MB over {smaller['megabytes']:g} MB: MB more",
                f"at most {part:.1f}, a part",
                f"{growth:.1f}",
                growth <= part,
                "memory",
            )
        )
    return found


def _largest(sizes: list[Json], limit: float) -> Json:
    return max(
        (size for size in sizes if size["megabytes"] <= limit),
        key=lambda size: size["megabytes"],
        default=sizes[0],
    )

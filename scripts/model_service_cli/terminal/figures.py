"""Figures as a person reads them: metrics, durations, sizes. Text only, nothing of a terminal."""

from typing import Any


def figure(value: Any) -> str:
    """A metric or a count; empty where there is none."""
    if value is None:
        return ""
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def seconds(duration_ms: int) -> str:
    """Milliseconds as seconds, in a column of their own width."""
    return f"{duration_ms / 1000:7.2f} s"


def duration(seconds: float) -> str:
    """Seconds for a person who waits: 7 s, 2 min 05 s, 1 h 04 min."""
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def size(count: int) -> str:
    """A number of bytes, in decimal units."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} bytes"

"""Moments as people read them."""

from datetime import datetime, timedelta


def moment(seconds: float) -> str:
    """Seconds since 1970-01-01 UTC as a date, with the time of day where it is not midnight."""
    found = datetime(1970, 1, 1) + timedelta(seconds=round(seconds))
    return f"{found:%Y-%m-%d %H:%M}".removesuffix(" 00:00")

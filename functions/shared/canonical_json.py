"""JSON whose bytes follow from its value, for what is named or compared by a digest."""

import json


def canonical_json(value: object) -> bytes:
    """Compact JSON with sorted keys, UTF-8: equal values give equal bytes. NaN and infinity are refused."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()

"""Where the time of a step goes, by function: cProfile on one CSV.

    python profile_step.py fetch_and_validate|summarize_alone|run CSV ROOT

summarize_alone needs what fetch_and_validate left in ROOT. The profiler slows calls down more than work in C:
shares, not seconds, are to be read.
"""

import cProfile
import io
import pstats
import sys
from pathlib import Path

from competitors import model_service

_LINES = 12


def top(function: str, csv: Path, root: Path) -> str:
    """The functions with the most time of their own."""
    profile = cProfile.Profile()
    profile.runcall(getattr(model_service, function), csv, root)
    output = io.StringIO()
    pstats.Stats(profile, stream=output).strip_dirs().sort_stats("tottime").print_stats(_LINES)
    lines = [line.rstrip() for line in output.getvalue().splitlines() if line.strip()]
    return "\n".join(lines)


if __name__ == "__main__":
    print(top(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))

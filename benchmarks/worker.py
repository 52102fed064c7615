"""One competitor, one file, one process: prints a JSON object of what it found and how long the work took.

    python worker.py MODULE FUNCTION CSV ROOT

work_seconds: from behind the imports to the result. No argparse: what this imports, every competitor pays for.
"""

import resource
import sys
import time
from importlib import import_module
from pathlib import Path


def main() -> None:
    module, function, csv, root = sys.argv[1:]
    begin = time.perf_counter()
    work = getattr(import_module(f"competitors.{module}"), function)
    imported = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    start = time.perf_counter()
    processor = time.process_time()
    result = work(Path(csv), Path(root))
    end = time.perf_counter()
    result |= {
        "import_seconds": start - begin,
        "import_peak_mb": imported / 1e6,
        "work_seconds": end - start,
        "processor_seconds": time.process_time() - processor,
    }
    # Where a competitor says when its rows were read, the work is also known by its halves.
    if validated := result.pop("validated_at", None):
        result |= {"read_seconds": validated - start, "model_seconds": end - validated}
    import json  # behind the work

    print(json.dumps(result))


if __name__ == "__main__":
    main()

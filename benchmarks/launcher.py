"""Spawns a command, waits for it, and writes to a file: seconds, peak memory (the kernel's unit), wait status.

    python -I -S launcher.py RESULT COMMAND [ARGUMENT ...]

A process of its own that imports next to nothing: on Linux a child's peak memory starts at what its parent
holds when it is spawned, and the benchmark itself holds more than some of what it measures.
"""

import os
import sys
import time

result, *command = sys.argv[1:]
start = time.perf_counter()
process = os.posix_spawn(command[0], command, os.environ)
_, status, usage = os.wait4(process, 0)  # not RUSAGE_CHILDREN: that is the largest of several
seconds = time.perf_counter() - start
with open(result, "w", encoding="ascii") as file:
    file.write(f"{seconds} {usage.ru_maxrss} {status}")

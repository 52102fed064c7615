"""Who used the processor meanwhile: the functions, the rest of the local cloud, and everything else on the machine.

A figure is worth something only where everything else was quiet, so this stands beside it.
"""

import time
from dataclasses import dataclass

import psutil

_IDLE = ("idle", "iowait")
_COUNTED_TWICE = ("guest", "guest_nice")  # in user and nice already


@dataclass(frozen=True)
class Load:
    """Processor seconds so far. functions: by process id, as processes come and go."""

    at: float
    machine: float
    cloud: float
    functions: dict[int, float]

    @classmethod
    def now(cls, cloud: int) -> "Load":
        """cloud: process id of LocalStack, whose children are the functions' processes."""
        times = psutil.cpu_times()._asdict()
        busy = sum(seconds for name, seconds in times.items() if name not in _IDLE + _COUNTED_TWICE)
        parent = psutil.Process(cloud)
        functions = {}
        for child in parent.children(recursive=True):
            try:
                functions[child.pid] = _seconds(child)
            except psutil.NoSuchProcess:
                continue  # it has just ended
        return cls(time.monotonic(), busy, _seconds(parent), functions)

    def since(self, before: "Load") -> dict[str, float]:
        """Cores in use on average since `before`, by whom."""
        elapsed = self.at - before.at
        functions = sum(seconds - before.functions.get(pid, 0.0) for pid, seconds in self.functions.items())
        cloud = self.cloud - before.cloud
        others = self.machine - before.machine - functions - cloud
        used = {"functions": functions, "cloud": cloud, "others": max(0.0, others)}
        return {name: seconds / elapsed for name, seconds in used.items()}


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system

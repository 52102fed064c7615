"""One Lambda execution environment: a runtime process that is started, invoked, and reset after a fault.

It answers as Lambda does: the timeout and the memory limit are enforced, a runtime that exits is reported,
and the next invocation after a fault starts the runtime anew in the same environment ("suppressed init").
"""

import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

from local_cloud.faults import Fault, exit_reason
from local_cloud.function import FunctionSettings, Outcome
from local_cloud.guard import ProcessGuard
from local_cloud.platform_log import JsonLog, Report, TextLog
from local_cloud.process import RuntimeProcess, ScratchDirectory
from local_cloud.runtime_api import Invocation, RuntimeApi, RuntimeResult, deadline_in

INIT_TIMEOUT_SECONDS = 10.0  # Lambda's limit for the init phase of an on-demand environment

MAX_LOG_BYTES = 8 * 1024 * 1024  # kept of one invocation: endless output must not fill the memory

_POLL_SECONDS = 0.01  # how late an exit, a passed deadline or too much memory may be noticed


class EnvironmentStoppedError(Exception):
    """The environment was stopped while it worked or before it was asked to."""


class Environment:
    """Owned by one caller at a time for `start` and `invoke`; `stop` may come from any thread.

    variables: the complete environment of the process, but for what differs by process
    (AWS_LAMBDA_RUNTIME_API, HOME, TMPDIR); nothing is inherited. interpreter: a Python with awslambdaric.
    """

    def __init__(
        self,
        settings: FunctionSettings,
        variables: dict[str, str],
        interpreter: Path,
        guard: ProcessGuard,
        scratch_parent: Path | None = None,
    ) -> None:
        self.settings = settings
        self._interpreter = interpreter
        self._guard = guard
        self._variables = variables
        self._scratch = ScratchDirectory(scratch_parent)
        self._log_lines = (
            JsonLog(settings.system_log_level) if settings.log_format.upper() == "JSON" else TextLog()
        )
        self._process: RuntimeProcess | None = None
        self._api: RuntimeApi | None = None
        self._log: list[str] = []
        self._log_bytes = 0
        self._dropped_log_bytes = 0
        self._init_ms: float | None = None
        self._peak_memory_mib = 0.0
        self._stopped = threading.Event()
        self._busy = threading.Lock()  # guards everything above

    @property
    def pid(self) -> int | None:
        """Process id of the runtime, None while there is none."""
        return self._process.pid if self._process is not None else None

    @property
    def is_busy(self) -> bool:
        """Whether an init or an invocation is under way."""
        return self._busy.locked()

    def start(self) -> Outcome | None:
        """Run the init phase: None when the function is ready, else the outcome that says why it is not.

        The next invocation then tries once more, as Lambda does. Raises EnvironmentStoppedError.
        """
        with self._busy:
            started = time.monotonic()
            fault = self._initialize(started + INIT_TIMEOUT_SECONDS)
            init_ms = (time.monotonic() - started) * 1000
            if fault is None:
                self._init_ms = init_ms
                return None
            timed_out = fault.error_type == "Sandbox.Timedout"
            error_type = None if timed_out else fault.error_type
            status = "timeout" if timed_out else "error"
            self._log.append(self._log_lines.init_failure("init", init_ms, status, error_type))
            return Outcome(fault.to_payload(""), fault.error_type, "".join(self._log))

    def invoke(self, request_id: str, payload: bytes, function_arn: str, trace_id: str = "") -> Outcome:
        """Run the handler once. Raises EnvironmentStoppedError when the environment is stopped meanwhile."""
        with self._busy:
            started = time.monotonic()
            deadline = started + self.settings.timeout_seconds
            invocation = Invocation(
                request_id, payload, function_arn, deadline_in(self.settings.timeout_seconds), trace_id
            )
            fault = self._reset_if_gone(started, deadline)
            self._log.append(self._log_lines.start(request_id, self.settings.version))
            result = None
            if fault is None:
                _, api = self._runtime()
                api.offer(invocation)
                fault = self._await(lambda: api.result is not None, deadline)
                result = api.result if fault is None else None
            self._collect_log()
            return self._conclude(request_id, (time.monotonic() - started) * 1000, result, fault)

    def stop(self) -> None:
        """End the process, also in the middle of an invocation, and remove what it left; idempotent."""
        self._stopped.set()
        with self._busy:  # whoever waits for the runtime sees the flag within one poll
            self._discard_process()
            self._scratch.remove()

    def _conclude(
        self, request_id: str, duration_ms: float, result: RuntimeResult | None, fault: Fault | None
    ) -> Outcome:
        status, error_type = "success", None
        if fault is not None:
            status, error_type = "error", fault.error_type
            if fault.error_type == "Sandbox.Timedout":
                status, error_type = "timeout", None
                duration_ms = self.settings.timeout_seconds * 1000
                self._log.append(self._log_lines.timeout(request_id, self.settings.timeout_seconds))
            elif fault.payload is None:
                self._log.append(self._log_lines.fault(request_id, fault.reason, fault.error_type))
        if self._dropped_log_bytes:
            self._log.append(
                f"\n[local-cloud] {self._dropped_log_bytes} more bytes of output were not kept\n"
            )
        report = Report(
            request_id=request_id,
            duration_ms=duration_ms,
            memory_size_mib=self.settings.memory_mib,
            max_memory_mib=min(self._peak_memory_mib, self.settings.memory_mib),
            init_ms=self._init_ms,
            status=status,
            error_type=error_type,
            handler_error=result.error_type if result is not None else None,
        )
        self._log.append(self._log_lines.end(report))
        logs, self._log, self._init_ms = "".join(self._log), [], None
        self._log_bytes = self._dropped_log_bytes = 0
        if fault is not None:
            return Outcome(fault.to_payload(request_id), fault.error_type, logs)
        assert result is not None  # there is one where there was no fault
        return Outcome(result.payload, result.error_type, logs)

    def _reset_if_gone(self, started: float, deadline: float) -> Fault | None:
        """Start the runtime anew when the last fault or the function itself has ended it.

        The invocation before is over once the runtime asks for the next: what happens until then is not
        the next one's fault.
        """
        if self._process is not None:
            if self._process.exit_code() is not None:
                self._collect_log()
                self._discard_process()
            elif self._await(lambda: self._runtime()[1].waiting, deadline) is None:
                return None
        fault = self._initialize(deadline)
        if fault is not None and fault.payload is not None:
            init_ms = (time.monotonic() - started) * 1000
            self._log.append(self._log_lines.init_failure("invoke", init_ms, "error", fault.error_type))
        return fault

    def _initialize(self, deadline: float) -> Fault | None:
        self._discard_process()
        if self._stopped.is_set():
            raise EnvironmentStoppedError
        api = self._api = RuntimeApi()
        variables = self._variables | {
            "AWS_LAMBDA_RUNTIME_API": api.address,
            "HOME": str(self._scratch.path),
            "TMPDIR": str(self._scratch.path),
        }
        command = [str(self._interpreter), "-s", "-u", "-m", "awslambdaric", self.settings.handler]
        self._process = RuntimeProcess(command, variables, self.settings.code_root, self._guard)
        api.serve(self._process.pid)
        self._peak_memory_mib = 0.0
        fault = self._await(lambda: api.waiting or api.init_error is not None, deadline)
        if fault is None and api.init_error is not None:
            fault = Fault(api.init_error.error_type or "Runtime.Unknown", "", api.init_error.payload)
            self._collect_log()
            self._discard_process()
        return fault

    def _runtime(self) -> tuple[RuntimeProcess, RuntimeApi]:
        """What `_initialize` has made and `_discard_process` has not yet ended."""
        assert self._process is not None
        assert self._api is not None
        return self._process, self._api

    def _await(self, condition: Callable[[], bool], deadline: float) -> Fault | None:
        """Wait for the runtime to get somewhere; the fault that ended it if it does not."""
        process, api = self._runtime()
        while not api.wait_until(condition, _POLL_SECONDS):
            self._collect_log()
            if self._stopped.is_set():
                raise EnvironmentStoppedError
            exit_code = process.exit_code()
            if exit_code is not None:
                # The last thing it did may have been to report: that message is already here.
                if api.wait_until(condition, 0):
                    break
                return self._ended(Fault("Runtime.ExitError", exit_reason(exit_code)))
            if self._measure_memory() > self.settings.memory_mib:
                return self._ended(Fault("Runtime.OutOfMemory", exit_reason(-signal.SIGKILL)))
            if time.monotonic() >= deadline:
                reason = f"Task timed out after {self.settings.timeout_seconds:.2f} seconds"
                return self._ended(Fault("Sandbox.Timedout", reason))
        if self._stopped.is_set():
            raise EnvironmentStoppedError
        self._measure_memory()
        return None

    def _ended(self, fault: Fault) -> Fault:
        self._collect_log()
        self._discard_process()
        return fault

    def _measure_memory(self) -> float:
        used = self._runtime()[0].measure_memory()
        self._peak_memory_mib = max(self._peak_memory_mib, used)
        return used

    def _collect_log(self) -> None:
        if self._process is None:
            return
        output = self._process.read_log()
        if output:
            kept = output[: max(0, MAX_LOG_BYTES - self._log_bytes)]
            self._log_bytes += len(kept)
            self._dropped_log_bytes += len(output) - len(kept)
            self._log.append(kept.decode("utf-8", errors="replace"))

    def _discard_process(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
        api, self._api = self._api, None
        if api is not None:
            api.close()

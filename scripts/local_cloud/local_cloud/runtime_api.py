"""The Lambda Runtime API (version 2018-06-01) that one runtime process talks to, on a loopback port.

It only passes messages: the runtime asks for the next invocation and posts its result. Deadlines, memory and
the life of the process belong to `environment`. A connection of any other process, be it the same user's (a page in
a browser, say), is closed before a byte of it is read, so that nobody takes an invocation or answers one.
"""

import json
import re
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psutil

MAX_RESPONSE_BYTES = 6 * 1024 * 1024 + 100  # Lambda's quota for a synchronous response, as Lambda counts it

_PREFIX = "/2018-06-01/runtime"
_RESULT_PATH = re.compile(_PREFIX + r"/invocation/([^/]+)/(response|error)")


@dataclass(frozen=True)
class Invocation:
    """One request to the function. deadline_ms: Unix time in milliseconds by which it must have answered."""

    request_id: str
    payload: bytes
    function_arn: str
    deadline_ms: int
    trace_id: str = ""


@dataclass(frozen=True)
class RuntimeResult:
    """What the runtime posted: the payload as it came, and the error type when it reported an error."""

    payload: bytes
    error_type: str | None = None


class RuntimeApi:
    """Serves one runtime process, which `serve` names, until `close`."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._closed = False
        self._runtime: int | None = None
        self._pending: Invocation | None = None
        self._current: Invocation | None = None
        self.waiting = False  # the runtime asks for an invocation: init, or the invocation before, is over
        self.init_error: RuntimeResult | None = None
        self.result: RuntimeResult | None = None
        self._server = _LoopbackServer(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, name="runtime-api", daemon=True
        )
        self._thread.start()

    @property
    def address(self) -> str:
        """host:port, the value of AWS_LAMBDA_RUNTIME_API."""
        return f"127.0.0.1:{self._server.server_port}"

    def serve(self, runtime: int) -> None:
        """The process that may connect; it is started after the port is there, and may be first."""
        with self._changed:
            self._runtime = runtime
            self._changed.notify_all()

    def offer(self, invocation: Invocation) -> None:
        """Hand an invocation to the runtime as soon as it asks; forgets the previous result."""
        with self._changed:
            self.result = None
            self._pending = invocation
            self._changed.notify_all()

    def wait_until(self, condition: Callable[[], bool], timeout: float) -> bool:
        """Wait at most timeout seconds for a condition on this object; returns its last value."""
        with self._changed:
            return self._changed.wait_for(condition, timeout)

    def close(self) -> None:
        """Stop serving; a runtime that still waits for an invocation loses its connection."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    # Called on the server's threads.

    def is_runtime(self, port: int) -> bool:
        """Whether a connection from this port of 127.0.0.1 is the runtime's own."""
        with self._changed:
            self._changed.wait_for(lambda: self._runtime is not None or self._closed)
            runtime = self._runtime
        try:
            connections = psutil.Process(runtime).net_connections("tcp4") if runtime else []
        except psutil.Error:
            return False
        return any(each.laddr == ("127.0.0.1", port) for each in connections)

    def take_next(self) -> Invocation | None:
        """Block until there is an invocation; None once closed."""
        with self._changed:
            self.waiting = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._pending is not None or self._closed)
            self.waiting = False
            if self._closed:
                return None
            self._current, self._pending = self._pending, None
            return self._current

    def finish(self, request_id: str, result: RuntimeResult) -> bool:
        """Accept the result of the current invocation; False for any other request id."""
        with self._changed:
            if self._current is None or self._current.request_id != request_id:
                return False
            self._current = None
            self.result = result
            self._changed.notify_all()
            return True

    def fail_init(self, result: RuntimeResult) -> None:
        with self._changed:
            self.init_error = result
            self._changed.notify_all()


class _LoopbackServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, api: RuntimeApi) -> None:
        self.api = api
        super().__init__(("127.0.0.1", 0), _RequestHandler)

    def server_bind(self) -> None:
        # HTTPServer would look up the host's name here, which needs DNS and can take seconds.
        self.socket.bind(self.server_address)
        self.server_address = host, port = self.socket.getsockname()
        self.server_name, self.server_port = host, port

    def finish_request(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        """On a thread of the connection's own."""
        match client_address:
            case (_, int(port)) if self.api.is_runtime(port):
                super().finish_request(request, client_address)

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # the process was killed with its connection open: `environment` reports that


class _RequestHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one segment: two would wait for a delayed acknowledgement
    disable_nagle_algorithm = True
    server: _LoopbackServer

    def do_GET(self) -> None:
        if self.path != f"{_PREFIX}/invocation/next":
            self._answer(HTTPStatus.NOT_FOUND, _error("NotFound", f"no such resource: {self.path}"))
            return
        invocation = self.server.api.take_next()
        if invocation is None:
            self.close_connection = True
            return
        self._answer(
            HTTPStatus.OK,
            invocation.payload,
            {
                "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
                "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
                "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
                "Lambda-Runtime-Trace-Id": invocation.trace_id,
            },
        )

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        error_type = self.headers.get("Lambda-Runtime-Function-Error-Type") or _error_type(body)
        if self.path == f"{_PREFIX}/init/error":
            self.server.api.fail_init(RuntimeResult(body, error_type))
            self._answer(HTTPStatus.ACCEPTED, b'{"status": "OK"}')
            return
        match = _RESULT_PATH.fullmatch(self.path)
        if match is None:
            self._answer(HTTPStatus.NOT_FOUND, _error("NotFound", f"no such resource: {self.path}"))
            return
        request_id, kind = match.groups()
        status, answer = HTTPStatus.ACCEPTED, b'{"status": "OK"}'
        if len(body) > MAX_RESPONSE_BYTES:
            # Lambda answers 413 and reports this error in place of the response.
            message = (
                f"Response payload size ({len(body)} bytes) exceeded maximum allowed payload size "
                f"({MAX_RESPONSE_BYTES} bytes)."
            )
            status, answer = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _error("RequestEntityTooLarge", message)
            result = RuntimeResult(
                _error("Function.ResponseSizeTooLarge", message), "Function.ResponseSizeTooLarge"
            )
        elif kind == "error":
            result = RuntimeResult(body, error_type or "Unhandled")
        else:
            result = RuntimeResult(body)
        if not self.server.api.finish(request_id, result):
            status, answer = HTTPStatus.BAD_REQUEST, _error("InvalidRequestID", "Invalid request ID")
        self._answer(status, answer)

    def _answer(self, status: HTTPStatus, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        # Without a Content-Type awslambdaric's C++ client dies with a segmentation fault.
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        pass


def deadline_in(seconds: float) -> int:
    """Unix time in milliseconds, that many seconds from now."""
    return int((time.time() + seconds) * 1000)


def _error(error_type: str, message: str) -> bytes:
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()


def _error_type(body: bytes) -> str | None:
    try:
        document = json.loads(body)
    except ValueError:
        return None
    return document.get("errorType") if isinstance(document, dict) else None

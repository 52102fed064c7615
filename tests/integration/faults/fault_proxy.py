"""A proxy in front of the local cloud's S3 that does to chosen requests what networks and services do.

Loopback only. What no rule asks for is passed on as it came. Rules are for the requests of the functions: the
tests, Terraform and the state machine talk to S3 directly.
"""

import http.client
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

_PATIENCE_SECONDS = 60.0  # how long a held request waits for the test to go on
_NOT_PASSED_ON = {"connection", "expect", "transfer-encoding", "content-length"}
_NO_BODY = {204, 304}


@dataclass
class Answer:
    """S3's answer: its body is whole here, whatever becomes of it on the way."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Exchange(BaseHTTPRequestHandler):
    """One connection of a function. What a fault may do to a request are the public methods."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server: "FaultProxy"

    def handle_expect_100(self) -> bool:
        """The client waits a second for this line before it sends its body all the same."""
        going_on = super().handle_expect_100()
        self.wfile.flush()
        return going_on

    def ask_s3(self) -> Answer:
        """Passes the request on and gives S3's answer."""
        connection = http.client.HTTPConnection(*self.server.upstream, timeout=_PATIENCE_SECONDS)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in _NOT_PASSED_ON}
        try:
            connection.request(self.command, self.path, self.sent, headers)
            response = connection.getresponse()
            return Answer(response.status, response.getheaders(), response.read())
        finally:
            connection.close()

    def answer(self, answer: Answer, body: bytes | None = None) -> None:
        """Answers with this body, by default all of it, under the headers that S3 sent."""
        self._send_head(answer, len(answer.body if body is None else body))
        self.wfile.write(answer.body if body is None else body)
        self.wfile.flush()

    def answer_in_part(self, answer: Answer, length: int) -> None:
        """Announces the whole body, sends `length` bytes of it and cuts the connection."""
        self._send_head(answer, len(answer.body))
        self.wfile.write(answer.body[:length])
        self.wfile.flush()
        self.cut()

    def answer_slowly(self, answer: Answer, pieces: int, pause_seconds: float) -> None:
        """Sends the body in pieces with a pause before each."""
        self._send_head(answer, len(answer.body))
        size = -(-len(answer.body) // pieces)
        for start in range(0, len(answer.body), size):
            self.server.stopping.wait(pause_seconds)
            self.wfile.write(answer.body[start : start + size])
            self.wfile.flush()

    def refuse(self, status: int, code: str) -> None:
        """Answers with an error of S3's; the request never gets there."""
        body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()
        self.answer(Answer(status, [("Content-Type", "application/xml")], body))

    def cut(self) -> None:
        """Resets the connection, so that the function sees it at once."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def _send_head(self, answer: Answer, length: int) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            if name.lower() not in _NOT_PASSED_ON or (self.command == "HEAD" and name == "Content-Length"):
                self.send_header(name, value)
        if self.command != "HEAD" and answer.status not in _NO_BODY:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    @property
    def key_path(self) -> str:
        """/bucket/key of the request."""
        return unquote(urlsplit(self.path).path)

    def _exchange(self) -> None:
        self.sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        rule = self.server.rule_for(self.command, self.key_path)
        if rule is None:
            self.answer(self.ask_s3())
        else:
            rule.apply(self)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _exchange

    def log_message(self, format: str, *arguments: object) -> None:
        """A request is no news."""


Fault = Callable[[Exchange], None]


class Rule:
    """What befalls the requests of a method for paths that match a pattern; times: how many, None for all."""

    def __init__(self, method: str, pattern: str, fault: Fault, times: int | None) -> None:
        self._method = method
        self._pattern = re.compile(pattern)
        self._fault = fault
        self._left = times
        self.hits = 0

    def takes(self, method: str, path: str) -> bool:
        """Whether this request is one of them; counts it. The proxy calls this under its lock."""
        if self._left == 0 or method != self._method or not self._pattern.search(path):
            return False
        self._left = None if self._left is None else self._left - 1
        self.hits += 1
        return True

    def apply(self, exchange: Exchange) -> None:
        self._fault(exchange)


class Hold:
    """A fault that keeps a request until the test has done what must happen in the meantime."""

    def __init__(self) -> None:
        self._reached = threading.Event()
        self._released = threading.Event()
        self._drop = False
        self._port = 0
        self.path = ""  # /bucket/key of the request that is held

    def __call__(self, exchange: Exchange) -> None:
        self._port = exchange.client_address[1]
        self.path = exchange.key_path
        self._reached.set()
        self._released.wait(_PATIENCE_SECONDS)
        if self._drop:
            exchange.cut()
        else:
            exchange.answer(exchange.ask_s3())

    def wait(self) -> int:
        """Returns when the request is here: the port of the function that sent it."""
        assert self._reached.wait(_PATIENCE_SECONDS), "no function sent the request"
        return self._port

    def release(self) -> None:
        """Passes the request on."""
        self._released.set()

    def drop(self) -> None:
        """Cuts the request's connection; it never gets to S3."""
        self._drop = True
        self._released.set()


class FaultProxy(ThreadingHTTPServer):
    """Listens on a free port of 127.0.0.1; `url` is the endpoint for the functions."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, endpoint: str) -> None:
        parts = urlsplit(endpoint)
        self.upstream = ("127.0.0.1", parts.port)
        self.stopping = threading.Event()
        self._rules: list[Rule] = []
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), Exchange)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @contextmanager
    def running(self) -> Iterator["FaultProxy"]:
        thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield self
        self.stopping.set()
        self.shutdown()
        self.server_close()
        thread.join()

    def rule_for(self, method: str, path: str) -> Rule | None:
        with self._lock:
            return next((rule for rule in self._rules if rule.takes(method, path)), None)

    @contextmanager
    def rule(self, method: str, pattern: str, fault: Fault, times: int | None = None) -> Iterator[Rule]:
        """The rule is in force inside the block, and must have met a request by its end."""
        rule = Rule(method, pattern, fault, times)
        with self._lock:
            self._rules.append(rule)
        try:
            yield rule
        finally:
            self.withdraw(rule)
            if isinstance(fault, Hold):
                fault.release()
        assert rule.hits, f"no function sent {method} {pattern}"

    def withdraw(self, rule: Rule) -> None:
        with self._lock:
            self._rules = [each for each in self._rules if each is not rule]

    def handle_error(self, request: object, client_address: object) -> None:
        """A function that was killed, or a cloud that was stopped, leaves its connections broken."""


def refused(status: int, code: str) -> Fault:
    return lambda exchange: exchange.refuse(status, code)


def cut_after(length: int) -> Fault:
    return lambda exchange: exchange.answer_in_part(exchange.ask_s3(), length)


def shortened(length: int) -> Fault:
    """A well-formed answer with only the first `length` bytes; of an error, all of them."""

    def fault(exchange: Exchange) -> None:
        answer = exchange.ask_s3()
        exchange.answer(answer, answer.body[:length] if answer.status < 300 else None)

    return fault


def altered(exchange: Exchange) -> None:
    """One byte of the answer's body is another on the way."""
    answer = exchange.ask_s3()
    middle = len(answer.body) // 2
    body = answer.body[:middle] + bytes([answer.body[middle] ^ 1]) + answer.body[middle + 1 :]
    exchange.answer(answer, body)


def slow(exchange: Exchange) -> None:
    exchange.answer_slowly(exchange.ask_s3(), pieces=10, pause_seconds=0.05)


def lost(exchange: Exchange) -> None:
    """S3 does what it is asked to, and its answer never arrives."""
    exchange.ask_s3()
    exchange.cut()

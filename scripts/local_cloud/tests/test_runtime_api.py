"""The Runtime API as a runtime sees it: plain HTTP, no process."""

import http.client
import json
import os
import subprocess
import sys
import threading

import pytest

from local_cloud.runtime_api import Invocation, RuntimeApi

PREFIX = "/2018-06-01/runtime"
INVOCATION = Invocation("request-1", b'{"a": 1}', "arn:aws:lambda:one", 1700000000000, "Root=1-2-3")


@pytest.fixture
def api():
    api = RuntimeApi()
    api.serve(os.getpid())
    yield api
    api.close()


@pytest.fixture
def ask(api):
    def ask(method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(api.address, timeout=5)
        try:
            connection.request(method, PREFIX + path, body, headers or {})
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()

    return ask


@pytest.fixture
def taken(api, ask):
    """The runtime has taken the invocation."""
    api.offer(INVOCATION)
    ask("GET", "/invocation/next")


def test_next_hands_out_the_invocation_with_its_headers(api, ask):
    api.offer(INVOCATION)
    response, body = ask("GET", "/invocation/next")
    assert (response.status, body) == (200, b'{"a": 1}')
    headers = {
        name: response.headers[name] for name in response.headers if name.startswith("Lambda-Runtime-")
    }
    assert headers == {
        "Lambda-Runtime-Aws-Request-Id": "request-1",
        "Lambda-Runtime-Deadline-Ms": "1700000000000",
        "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:one",
        "Lambda-Runtime-Trace-Id": "Root=1-2-3",
    }
    assert response.headers["Content-Type"] == "application/json"


def test_a_runtime_that_asks_is_waiting_until_it_is_served(api, ask):
    answers = []
    thread = threading.Thread(target=lambda: answers.append(ask("GET", "/invocation/next")[1]))
    assert not api.waiting
    thread.start()
    assert api.wait_until(lambda: api.waiting, 5)
    api.offer(INVOCATION)
    thread.join(5)
    assert answers == [b'{"a": 1}']
    assert not api.waiting


@pytest.mark.usefixtures("taken")
def test_a_response_becomes_the_result(api, ask):
    response, _ = ask("POST", "/invocation/request-1/response", b'"done"')
    assert response.status == 202
    assert (api.result.payload, api.result.error_type) == (b'"done"', None)


@pytest.mark.usefixtures("taken")
@pytest.mark.parametrize(
    ("headers", "error_type"),
    [({}, "KeyError"), ({"Lambda-Runtime-Function-Error-Type": "Function.Other"}, "Function.Other")],
)
def test_an_error_becomes_the_result_with_its_type(api, ask, headers, error_type):
    body = json.dumps({"errorType": "KeyError", "errorMessage": "x"}).encode()
    response, _ = ask("POST", "/invocation/request-1/error", body, headers)
    assert response.status == 202
    assert (api.result.payload, api.result.error_type) == (body, error_type)


@pytest.mark.usefixtures("taken")
def test_an_error_that_is_not_json_is_still_an_error(api, ask):
    ask("POST", "/invocation/request-1/error", b"\xff")
    assert api.result.error_type == "Unhandled"


@pytest.mark.usefixtures("taken")
def test_a_result_for_another_request_is_refused(api, ask):
    response, body = ask("POST", "/invocation/request-0/response", b"1")
    assert response.status == 400
    assert json.loads(body)["errorType"] == "InvalidRequestID"
    assert api.result is None


@pytest.mark.usefixtures("taken")
def test_a_second_result_is_refused(api, ask):
    ask("POST", "/invocation/request-1/response", b"1")
    response, _ = ask("POST", "/invocation/request-1/response", b"2")
    assert response.status == 400
    assert api.result.payload == b"1"


def test_an_init_error_is_kept(api, ask):
    response, _ = ask("POST", "/init/error", b'{"errorType": "Runtime.ImportModuleError"}')
    assert response.status == 202
    assert api.init_error.error_type == "Runtime.ImportModuleError"


@pytest.mark.parametrize(("method", "path"), [("GET", "/other"), ("POST", "/invocation/request-1/other")])
def test_an_unknown_path_is_not_found(ask, method, path):
    assert ask(method, path)[0].status == 404


def test_closing_ends_a_connection_that_waits(api, ask):
    failures = []

    def wait():
        try:
            ask("GET", "/invocation/next")
        except (http.client.HTTPException, OSError) as error:
            failures.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    assert api.wait_until(lambda: api.waiting, 5)
    api.close()
    thread.join(5)
    assert len(failures) == 1


STEAL = """
import socket, sys
connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=10)
connection.sendall(b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
try:
    print(connection.recv(1000))
except ConnectionResetError:
    print(b"")
"""


def test_another_process_of_the_same_user_takes_no_invocation(api, ask):
    api.offer(INVOCATION)
    port = api.address.rpartition(":")[2]
    stolen = subprocess.run([sys.executable, "-c", STEAL, port], capture_output=True, text=True, timeout=30)
    assert (stolen.returncode, stolen.stdout) == (0, "b''\n"), stolen.stderr
    assert ask("GET", "/invocation/next")[1] == INVOCATION.payload


def test_whoever_connects_before_the_runtime_is_named_waits_for_that():
    api = RuntimeApi()
    answers = []

    def take():
        connection = http.client.HTTPConnection(api.address, timeout=5)
        connection.request("GET", PREFIX + "/invocation/next")
        answers.append(connection.getresponse().read())

    thread = threading.Thread(target=take)
    thread.start()
    api.offer(INVOCATION)
    assert not api.wait_until(lambda: api.waiting, 0.2)
    api.serve(os.getpid())
    thread.join(5)
    api.close()
    assert answers == [INVOCATION.payload]


def test_it_listens_on_loopback(api):
    assert api.address.startswith("127.0.0.1:")

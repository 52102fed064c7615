"""Telling an AWS API from anything else that answers, and from nothing."""

import http.server
import json
import socket
import threading

import pytest

from local_cloud.endpoint import Answer, Endpoint, EndpointError


@pytest.fixture
def serve():
    """Serve fixed answers: path and method to status and body. Returns the endpoint."""
    servers = []

    def start(answers):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, body = answers.get((self.command, self.path), (404, b"no"))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *args):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        servers.append((server, thread))
        return Endpoint.parse(f"http://127.0.0.1:{server.server_address[1]}")

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


def test_localstack_is_known_by_its_description(serve):
    info = {"session_id": "s", "version": "4.14.0"}
    endpoint = serve({("GET", "/_localstack/info"): (200, json.dumps(info).encode())})
    assert endpoint.probe() is Answer.AWS
    assert endpoint.localstack_info() == info


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<GetCallerIdentityResponse/>"),
        (403, b'<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"/>'),
    ],
)
def test_any_sts_is_aws(serve, status, body):
    endpoint = serve({("POST", "/"): (status, body)})
    assert endpoint.probe() is Answer.AWS
    assert endpoint.localstack_info() is None


@pytest.mark.parametrize(
    "answers",
    [{}, {("GET", "/_localstack/info"): (200, b"<html>")}, {("GET", "/_localstack/info"): (200, b"{}")}],
)
def test_another_web_server_is_other(serve, answers):
    assert serve(answers).probe() is Answer.OTHER


def test_a_localstack_that_does_not_know_the_key_refuses(serve):
    info = (200, json.dumps({"session_id": "s"}).encode())
    refusal = (403, b"<ErrorResponse><Error><Code>InvalidClientTokenId</Code></Error></ErrorResponse>")
    assert serve({("GET", "/_localstack/info"): info, ("POST", "/"): refusal}).probe() is Answer.REFUSES


def test_a_server_that_never_answers_is_silent():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = Endpoint.parse(f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert endpoint.probe(timeout=0.2) is Answer.SILENT


def test_a_closed_port_is_nothing(free_port):
    assert Endpoint.parse(f"http://localhost:{free_port()}").probe() is Answer.NOTHING


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://localhost:4566", "127.0.0.1"),
        ("http://127.0.0.2:4566/", "127.0.0.2"),
        ("http://0.0.0.0:4566", None),
        ("http://10.0.0.1:4566", None),
        ("http://[::1]:4566", None),
        ("http://localhost.example.com", None),
    ],
)
def test_only_ipv4_loopback_is_loopback(url, address):
    assert Endpoint.parse(url).loopback_address == address


@pytest.mark.parametrize(
    "url", ["", "localhost", "localhost:4566", "ftp://localhost", "http://", "http://a:b"]
)
def test_what_is_not_a_url_is_refused(url):
    with pytest.raises(EndpointError, match="is not an endpoint URL"):
        Endpoint.parse(url)


def test_an_endpoint_reads_as_its_url():
    assert Endpoint.parse("http://localhost").url == "http://localhost:80"
    assert Endpoint.parse("https://[::1]:4566/x").url == "https://[::1]:4566"

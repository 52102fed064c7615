"""The command `local-cloud`: up, down, status."""

import argparse
import dataclasses
import json
import os
import sys
from pathlib import Path

from local_cloud import server
from local_cloud.endpoint import Answer, Endpoint, EndpointError
from local_cloud.state import StateDirectory, StateError

DEFAULT_ENDPOINT = "http://localhost:4566"


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0, or 1 (130 on Ctrl-C) with one line on standard error."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except (server.LocalCloudError, StateError, EndpointError) as error:
        message = str(error)
    except OSError as error:  # a disk that is full, a folder that may not be written
        what = error.strerror or str(error)
        message = f"{error.filename}: {what}" if error.filename else what
    except KeyboardInterrupt:
        print("local-cloud: interrupted", file=sys.stderr)
        return 130
    print(f"local-cloud: {message}", file=sys.stderr)
    return 1


def _up(options: argparse.Namespace) -> int:
    if options.lambda_python is None:
        message = "give --lambda-python (or LOCAL_CLOUD_LAMBDA_PYTHON): a Python with awslambdaric"
        raise server.LocalCloudError(message)
    settings = dict(setting.split("=", 1) for setting in options.set)
    state = StateDirectory(options.state_dir)
    # Not resolved: a virtual environment's python is a link, and following it leaves the environment.
    waiting = _Waiting(options.endpoint)
    try:
        done = server.up(
            Endpoint.parse(options.endpoint), state, options.lambda_python.absolute(), settings, waiting.tell
        )
    finally:
        waiting.over()
    print(done)
    return 0


class _Waiting:
    """On a terminal, a line with the seconds that a start has taken so far, and nothing of it afterwards."""

    def __init__(self, endpoint: str) -> None:
        self._moves = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        self._text = f"starting LocalStack at {endpoint} ... "
        self._told = -1

    def tell(self, seconds: float) -> None:
        if self._moves and int(seconds) > self._told:
            self._told = int(seconds)
            print(f"\r{self._text}{self._told} s", end="", flush=True)

    def over(self) -> None:
        if self._told >= 0:
            print("\r\033[K", end="", flush=True)


def _down(options: argparse.Namespace) -> int:
    print(server.down(StateDirectory(options.state_dir)))
    return 0


def _status(options: argparse.Namespace) -> int:
    endpoint = Endpoint.parse(options.endpoint) if options.endpoint else None
    status = server.status(StateDirectory(options.state_dir), endpoint)
    if options.json:
        print(json.dumps(dataclasses.asdict(status)))
    elif status.answer == Answer.SILENT.value:
        print(f"something takes connections at {status.endpoint} and answers none: it hangs")
    elif not status.running:
        print(f"nothing runs at {status.endpoint}" if status.endpoint else "no local cloud is running")
    else:
        whose = f"pid {status.pid}" if status.ours else "not started here"
        print(f"AWS answers at {status.endpoint} ({whose})")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="local-cloud", description="LocalStack on this machine")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    up = commands.add_parser("up", help="start LocalStack unless AWS already answers at the endpoint")
    up.add_argument(
        "--endpoint",
        default=os.environ.get("AWS_ENDPOINT_URL") or DEFAULT_ENDPOINT,
        metavar="URL",
        help=f"default: AWS_ENDPOINT_URL, else {DEFAULT_ENDPOINT}",
    )
    up.add_argument(
        "--lambda-python",
        type=Path,
        default=os.environ.get("LOCAL_CLOUD_LAMBDA_PYTHON"),
        metavar="PATH",
        help="the Python that functions run on; it needs the package awslambdaric",
    )
    up.add_argument(
        "--set",
        action="append",
        default=[],
        type=_setting,
        metavar="NAME=VALUE",
        help="a LocalStack configuration variable, such as DEBUG=1; may be repeated",
    )
    up.set_defaults(run=_up)

    down = commands.add_parser("down", help="stop what `up` started, and every Lambda process with it")
    down.set_defaults(run=_down)

    status = commands.add_parser("status", help="say what runs")
    status.add_argument("--endpoint", metavar="URL", help="default: the endpoint of the last `up`")
    status.add_argument(
        "--json", action="store_true", help="running, endpoint, pid, ours, session_id, answer"
    )
    status.set_defaults(run=_status)

    for command in (up, down, status):
        command.add_argument(
            "--state-dir", type=Path, required=True, metavar="DIR", help="for the pid file, log and data"
        )
    return parser


def _setting(text: str) -> str:
    if not text.partition("=")[0].isidentifier() or "=" not in text:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return text

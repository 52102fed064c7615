"""What a command sends: the user's INPUT and LABEL, parsed, and the training request made from DATA and them.

What the fields of a request mean, the functions know: `request_check` asks them.
"""

import json
import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import click

from model_service_cli.door import CommandError
from model_service_cli.files import ROOT
from model_service_cli.runs.request_check import check
from shared.config import Config
from shared.folder import is_folder

SAMPLE_DATA = ROOT / "data" / "btc_candles_labeled_sample.csv"

EXAMPLE = '{"test_size": 0.3}'
_EVENTS = {"run", "task"}  # members of what a step, or the state machine, hands on
KINDS = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}


@dataclass(frozen=True)
class Upload:
    """A file of the user's, and the object that it becomes; of a folder the key ends in /."""

    path: Path
    bucket: str
    key: str


def parse_input(text: str) -> dict[str, Any]:
    """The JSON object in INPUT; empty text is an empty object. Raises CommandError with the position."""
    if not text.strip():
        return {}

    def refuse_constant(name: str) -> NoReturn:
        raise json.JSONDecodeError(f"{name} is no JSON number", text, text.index(name))

    def refuse_twice(members: list[tuple[str, Any]]) -> dict[str, Any]:
        """JSON leaves open which one counts, so a gate could be dropped without a word."""
        counts = Counter(name for name, _ in members)
        if twice := [name for name, count in counts.items() if count > 1]:
            raise CommandError(f"INPUT has {json.dumps(twice[0])} twice: give it once", exit_status=2)
        return dict(members)

    def finite(digits: str) -> float:
        if math.isinf(number := float(digits)):
            raise CommandError(f"INPUT has the number {digits[:20]}, which is too large", exit_status=2)
        return number

    try:
        value = json.loads(
            text, parse_constant=refuse_constant, parse_float=finite, object_pairs_hook=refuse_twice
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        near = text[error.pos : error.pos + 20].splitlines()
        what = f"near {near[0]!r}" if near and near[0] else "at its end"
        raise CommandError(f"INPUT is not JSON: {error.msg}, {where}, {what}", exit_status=2) from None
    except RecursionError:
        raise CommandError("INPUT is nested too deeply", exit_status=2) from None
    except ValueError:  # of an integer, the only one that is no JSONDecodeError
        raise CommandError("INPUT has a number of too many digits", exit_status=2) from None
    if not isinstance(value, dict):
        kind = KINDS.get(type(value), "a number")
        column = len(text) - len(text.lstrip()) + 1
        raise CommandError(
            f"INPUT must be a JSON object, as in {EXAMPLE}; column {column} begins {kind}", exit_status=2
        )
    return value


def request_fields(text: str, label: str) -> dict[str, Any]:
    """The fields in INPUT, with LABEL as its label_column. Raises CommandError where the two contradict."""
    given = parse_input(text)
    if not label:
        return given
    said = given.get("label_column", label)
    if said != label:
        raise CommandError(
            f"LABEL says {label!r}, and label_column in INPUT says {json.dumps(said)}: give one of the two",
            exit_status=2,
        )
    return {**given, "label_column": label}


def check_file(path: Path) -> None:
    """Raises CommandError when there is no such file or folder, or it may not be read."""
    try:
        if path.is_dir():
            next(path.iterdir(), None)
            return
        if not path.is_file():
            what = "is no regular file, and no folder" if path.exists() else "does not exist"
            raise CommandError(f"DATA {path} {what}", exit_status=2)
        path.open("rb").close()
    except OSError as error:
        raise CommandError(f"DATA {path} cannot be read: {error.strerror}", exit_status=2) from error


def plan(data: str, given: dict[str, Any], config: Config) -> tuple[dict[str, Any], Upload | None]:
    """The training request, and what must be uploaded first.

    data: the user's file, empty for the sample; given: INPUT, which is merged into the request; config: of the
    deployment. A file goes to its name beside the default data, unless INPUT says where. The sample goes where the
    functions look by default; it is left out when INPUT names another object, which is then taken as it is.
    """
    if not data:
        default = {"bucket": config.data_bucket, "key": config.data_key, "version_id": None}
        if any(given.get(name, value) != value for name, value in default.items()):
            return given, None
        return given, Upload(SAMPLE_DATA, config.data_bucket, config.data_key)
    path = Path(data).expanduser()
    is_dir = path.is_dir()
    request = {"bucket": config.data_bucket, "key": key_for(path, config), **given}
    for field in ("bucket", "key"):
        value = request[field]
        if not isinstance(value, str) or not value:
            raise CommandError(f"INPUT: {field} must be a text, not {json.dumps(value)}", exit_status=2)
        try:
            value.encode()
        except UnicodeEncodeError:
            raise CommandError(
                f"{field} {value!r} is not UTF-8, so it cannot be an S3 name", exit_status=2
            ) from None
    if is_folder(request["key"]) != is_dir:
        expected = "a folder: its key ends in /" if is_dir else "a file: its key does not end in /"
        raise CommandError(
            f"INPUT: key is {json.dumps(request['key'])}, and DATA {path} is {expected}", exit_status=2
        )
    return request, Upload(path, request["bucket"], request["key"])


def key_for(data: Path, config: Config) -> str:
    """The key under which a file or folder of the user's is uploaded: its name beside the default data."""
    folder = config.data_key.rpartition("/")[0]
    name = f"{data.resolve().name}/" if data.is_dir() else data.name
    return f"{folder}/{name}" if folder else name


@click.command()
@click.option("--data", default="", metavar="PATH", help="A CSV of your own.")
@click.option("--input", "text", default="", metavar="JSON", help="Fields of the training request.")
@click.option("--label", default="", metavar="NAME", help="The class column.")
@click.option("--payload", is_flag=True, help="INPUT may be a step's output, which the next step checks.")
def check_request(data: str, text: str, label: str, payload: bool) -> None:
    """Look at what a run would be given, before anything is set up; say nothing where it is well."""
    given = request_fields(text, label)
    if payload and _EVENTS & given.keys():
        return
    if data:
        check_file(Path(data).expanduser())
    # Of a deployment to come: where its names are others than these, the fields mean the same.
    request, source = plan(data, given, Config())
    check(request, source.path if source else None, Config())

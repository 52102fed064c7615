"""The one door: every failure that is not a mistake of ours is one line and an exit status."""

import errno
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import click
import pytest
from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from model_service_cli.door import CommandError, run_command
from model_service_cli.files import ROOT


def failing(error: BaseException):
    def command() -> int:
        raise error

    return command


REFUSED = ClientError({"Error": {"Code": "AccessDenied", "Message": "not\nyou"}}, "PutObject")


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (CommandError("no such file", exit_status=2), 2, "name: no such file\n"),
        (REFUSED, 1, "name: PutObject was refused: AccessDenied: not you\n"),
        (NoCredentialsError(), 1, "name: Unable to locate credentials\n"),
        (S3UploadFailedError("Failed to upload\na.csv"), 1, "name: Failed to upload a.csv\n"),
        (
            OSError(errno.EACCES, "Permission denied", "tmp/x.json"),
            1,
            "name: tmp/x.json: Permission denied\n",
        ),
        (OSError("no more of it"), 1, "name: no more of it\n"),
        (OSError(), 1, "name: OSError\n"),
        (RecursionError(), 1, "name: a document is nested too deeply to be read\n"),
        (KeyboardInterrupt(), 130, "name: interrupted\n"),
        (click.NoSuchOption("--colour"), 2, "name: No such option '--colour'.\n"),
        (click.exceptions.Exit(3), 3, ""),
    ],
)
def test_errors_are_one_line_and_an_exit_status(capsys, error, status, line):
    assert run_command("name", failing(error)) == status
    assert capsys.readouterr().err == line


def test_an_endpoint_that_is_not_reached_is_told_with_the_local_cloud_in_mind(capsys, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:4566")
    error = EndpointConnectionError(endpoint_url="http://localhost:4566/x")
    assert run_command("name", failing(error)) == 1
    assert "is the local cloud up? make local-up" in capsys.readouterr().err


@pytest.mark.parametrize("error", [TypeError("ours"), KeyError("ours"), json.JSONDecodeError("ours", "{", 0)])
def test_a_mistake_of_our_own_keeps_its_traceback(error):
    with pytest.raises(type(error)):
        run_command("name", failing(error))


def at_the_door(code: str, **options) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, whose streams and limits are the test's."""
    script = f"import sys\nfrom model_service_cli.door import run_command\ndef command():\n    {code}\n    return 0\n"
    script += "sys.exit(run_command('name', command))"
    return subprocess.run(
        [sys.executable, "-c", script], stderr=subprocess.PIPE, text=True, timeout=60, check=False, **options
    )


def test_a_full_disk_under_the_output_is_one_line():
    full = Path("/dev/full")
    if not full.exists():
        pytest.fail("this system has no /dev/full", pytrace=False)
    with full.open("w") as output:
        done = at_the_door("print('x' * 100_000)", stdout=output)
    assert (done.returncode, done.stderr) == (1, "name: No space left on device\n")


def test_a_file_that_grows_too_large_is_one_line(tmp_path):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    code = f"from pathlib import Path; Path({str(tmp_path / 'a')!r}).write_bytes(bytes(5000))"
    done = at_the_door(code, preexec_fn=limit)
    assert (done.returncode, done.stderr) == (1, "name: File too large\n")


def test_a_reader_that_is_gone_is_no_error():
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as output:
        done = at_the_door("print('x' * 100_000)", stdout=output)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_name_that_the_terminal_cannot_show_is_escaped():
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = at_the_door(r"print('caf\u00e9 \udcff')", stdout=subprocess.PIPE, env=environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "caf\\xe9 \\udcff\n", "")


def test_ctrl_c_while_modules_are_loaded_is_one_line(tmp_path):
    (tmp_path / "click.py").write_text("raise KeyboardInterrupt")
    done = subprocess.run(
        [sys.executable, "-m", "model_service_cli", "package"],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "model_service_cli: interrupted\n")


def test_commands_that_need_no_service_load_no_boto3(tmp_path):
    """Their start is what a person waits for."""
    code = (
        "import sys; from model_service_cli.command_line import main; "
        f"main(['check-request', '--data', {str(ROOT / 'tests/data/iris.csv')!r}, '--label', 'species']); "
        f"main(['package', '--output', {str(tmp_path)!r}]); "
        f"main(['outputs', '--endpoint', 'http://localhost:1', '--folder', {str(tmp_path)!r}]); "
        "print(sorted({'boto3', 'botocore', 'rich', 'jinja2', 'jsonschema', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
    assert done.stderr == "outputs: nothing is deployed: run `make deploy`\n"

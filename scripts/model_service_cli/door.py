"""The one door of every command: what may go wrong outside our code becomes one line on stderr and an exit status.

A mistake of our own is none of these: it keeps its traceback.
"""

import errno
import os
import sys
from collections.abc import Callable

import click

from model_service_cli.terminal.lines import printable_lines


class CommandError(Exception):
    """A command cannot go on. The message is one line for a person.

    exit_status: 2 when what the user gave is wrong (an option, a file), 1 otherwise.
    """

    def __init__(self, message: str, exit_status: int = 1):
        super().__init__(message)
        self.exit_status = exit_status


def run_command(name: str, command: Callable[[], int]) -> int:
    """The exit status of `command`; a failure that is known becomes one line on stderr."""
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal's encoding lacks is shown escaped.
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
    try:
        status = command()
        sys.stdout.flush()
    except CommandError as error:
        return _told(name, str(error), error.exit_status)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        return _told(name, error.format_message(), error.exit_code)
    except _service_errors() as error:  # before OSError, which some of them are
        from model_service_cli.cloud import explain  # loads boto3, which is there already

        return _told(name, explain(error), 1)
    except BrokenPipeError:
        # The reader has seen enough (`| head`): no error, and Python must not flush into the pipe at exit.
        _leave_stdout()
        return 0
    except OSError as error:
        return _told(name, _of_the_system(error), 1)
    except RecursionError:
        return _told(name, "a document is nested too deeply to be read", 1)
    except KeyboardInterrupt:
        return _told(name, "interrupted", 130)
    return status


def _told(name: str, message: str, status: int) -> int:
    print(f"{name}: {printable_lines(message)}", file=sys.stderr)
    return status


def _of_the_system(error: OSError) -> str:
    """The system's refusal in one line: a full disk, a file that may not be written, a table of files that is full."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        _leave_stdout()  # what stdout still holds is not tried again at exit
    what = error.strerror or " ".join(str(error).split()) or type(error).__name__
    return f"{error.filename}: {what}" if error.filename else what


def _leave_stdout() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _service_errors() -> tuple[type[BaseException], ...]:
    """What boto3 and botocore raise. Where nothing has imported them, nothing of theirs was raised."""
    errors = [
        ("botocore.exceptions", ("ClientError", "BotoCoreError")),
        ("boto3.exceptions", ("Boto3Error",)),
    ]
    loaded = [(sys.modules[module], names) for module, names in errors if module in sys.modules]
    return tuple(getattr(module, name) for module, names in loaded for name in names)

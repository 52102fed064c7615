"""A function that does what its event says: the tests zip it and run it as a Lambda."""

import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import boto3

logger = logging.getLogger()
logger.setLevel(logging.INFO)

COLD_STARTS = []


def handler(event, context):
    COLD_STARTS.append(context.aws_request_id)
    print("printed", event.get("do"))
    logger.info("logged %s", event.get("do"))
    return globals()[event.get("do", "tell")](event, context)


def tell(event, context):
    return {
        "pid": os.getpid(),
        "invocations": len(COLD_STARTS),
        "remaining_ms": context.get_remaining_time_in_millis(),
        "function": context.function_name,
        "arn": context.invoked_function_arn,
        "version": "1",
    }


def sleep(event, context):
    Path(os.environ["TMPDIR"], "sleeping").touch()
    time.sleep(event["seconds"])
    return tell(event, context)


def leave(event, context):
    sys.exit(event["status"])


def crash(event, context):
    os.abort()


def refuse(event, context):
    raise LookupError("no such thing")


def allocate(event, context):
    blocks = [bytearray(1024 * 1024) for _ in range(event["mib"])]
    time.sleep(event.get("seconds", 0))
    return len(blocks)


def allocate_in_child(event, context):
    code = f"import time; block = bytearray({event['mib']} * 1024 * 1024); time.sleep(30)"
    return subprocess.run([sys.executable, "-c", code]).returncode


def spawn_and_sleep(event, context):
    # In a session of its own, so that killing the runtime's process group does not reach it.
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=event["apart"])
    time.sleep(60)


def variables(event, context):
    return dict(os.environ)


def scratch(event, context):
    folder = Path(os.environ["TMPDIR"])
    found = sorted(path.name for path in folder.iterdir())
    (folder / "left").write_text("something")
    return {"folder": str(folder), "found": found}


def answer_bytes(event, context):
    return "x" * event["bytes"]


def write_lines(event, context):
    for number in range(event["lines"]):
        print(f"line {number} " + "." * 80)
    return event["lines"]


def invoke(event, context):
    answer = boto3.client("lambda").invoke(FunctionName=event["function"], Payload=b"{}")
    return {"outer": tell(event, context), "inner": answer["Payload"].read().decode()}

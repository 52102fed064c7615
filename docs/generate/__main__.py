"""Writes the generated parts of docs/: python docs/generate."""

import sys

import request_docs
import rooms
import schema_docs
import state_machine_docs
import verdict_docs
from model_service_cli.door import run_command


def main() -> int:
    for page in (schema_docs, request_docs, state_machine_docs, rooms, verdict_docs):
        page.write()
    return 0


if __name__ == "__main__":
    sys.exit(run_command("docs", main))

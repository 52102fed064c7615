"""Runs one command: python -m model_service_cli COMMAND [OPTIONS]."""

import sys

from model_service_cli.command_line import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

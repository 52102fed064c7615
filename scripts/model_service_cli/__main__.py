"""Runs one command: python -m model_service_cli COMMAND [OPTIONS]."""

import sys

if __name__ == "__main__":
    try:
        from model_service_cli.command_line import main

        status = main(sys.argv[1:])
    except KeyboardInterrupt:  # while the modules were loaded: the door was not there yet
        print("model_service_cli: interrupted", file=sys.stderr)
        status = 130
    sys.exit(status)

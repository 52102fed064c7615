"""LocalStack on the host, with each Lambda execution environment an awslambdaric process."""

import sys


def main() -> int:
    """The command `local-cloud`: its modules are loaded here, so that Ctrl-C is one line from the beginning."""
    try:
        from local_cloud import cli

        return cli.main()
    except KeyboardInterrupt:
        print("local-cloud: interrupted", file=sys.stderr)
        return 130

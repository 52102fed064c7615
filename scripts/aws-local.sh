#!/usr/bin/env bash
# The AWS CLI against the local cloud, from any folder: scripts/aws-local.sh s3 ls
# It is the installed one; where none is, the one of requirements/awscli.lock, which is then made on first use.
set -euo pipefail

scripts="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
mkdir -p "$scripts/../tmp" # where the README's examples put responses

cli="$(command -v aws || true)"

# pyenv offers every Python's tools under one name, but runs only those of the Python that .python-version chooses.
case "$cli" in
    */shims/aws)
        version="$(pyenv whence aws 2>/dev/null | tail -n 1)" || version=""
        if [ -n "$version" ]; then export PYENV_VERSION="$version"; else cli=""; fi
        ;;
esac

if [ -z "$cli" ]; then
    "$scripts/setup.sh" awscli >&2
    cli="$scripts/../.venv-awscli/bin/aws"
fi
exec "$scripts/local-env.sh" "$cli" "$@"

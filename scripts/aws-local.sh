#!/usr/bin/env bash
# The AWS CLI against the local cloud, from any folder: scripts/aws-local.sh s3 ls
set -euo pipefail

scripts="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
mkdir -p "$scripts/../tmp" # where the README's examples put responses

if ! cli="$(command -v aws)"; then
    echo "aws-local: the AWS CLI is missing; install version 2 (https://aws.amazon.com/cli/) or version 1 (pip install awscli)" >&2
    exit 127
fi

# pyenv offers every Python's tools under one name, but runs only those of the Python that .python-version chooses.
case "$cli" in
    */shims/aws)
        if version="$(pyenv whence aws 2>/dev/null | tail -n 1)" && [ -n "$version" ]; then
            export PYENV_VERSION="$version"
        fi
        ;;
esac

exec "$scripts/local-env.sh" aws "$@"

#!/usr/bin/env bash
# Runs a command in the environment of the local cloud: scripts/local-env.sh COMMAND [ARGUMENT...]
# The one place that makes this environment. It reads .env and the keys of the local cloud that answers there, and keeps
# the user's own AWS profile, keys, endpoints and proxies out, so that nothing meant for the local cloud reaches an
# account, and the other way round. LOCAL_CLOUD_STATE names the state directory of another local cloud than the usual.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

if [ $# -eq 0 ]; then
    echo "usage: ${BASH_SOURCE[0]} COMMAND [ARGUMENT...]" >&2
    exit 2
fi

endpoint="${AWS_ENDPOINT_URL:-}"

for name in $(compgen -v AWS_); do
    case "$name" in
        AWS_PROFILE | AWS_DEFAULT_PROFILE | AWS_ACCESS_KEY_ID | AWS_SECRET_ACCESS_KEY | AWS_SESSION_TOKEN | \
            AWS_SECURITY_TOKEN | AWS_REGION | AWS_DEFAULT_REGION | AWS_ENDPOINT_URL* | \
            AWS_IGNORE_CONFIGURED_ENDPOINT_URLS | AWS_USE_* | AWS_ROLE_* | AWS_WEB_IDENTITY_* | AWS_CONTAINER_* | \
            AWS_CA_BUNDLE | AWS_CLI_*) unset "$name" ;;
    esac
done

# export_lines FILE: its lines NAME=VALUE.
export_lines() {
    local name value
    while IFS='=' read -r name value || [ -n "$name" ]; do
        case "$name" in
            '' | \#*) ;;
            *) export "$name=${value%$'\r'}" ;;
        esac
    done <"$1"
}

# same_endpoint A B: whether two addresses are one.
same_endpoint() {
    local a="${1%/}" b="${2%/}"
    [ "${a/\/\/127.0.0.1:///localhost:}" = "${b/\/\/127.0.0.1:///localhost:}" ]
}

if [ -r "$root/.env" ]; then
    export_lines "$root/.env"
fi

export AWS_ENDPOINT_URL="${endpoint:-${AWS_ENDPOINT_URL:-http://localhost:4566}}"
export AWS_DEFAULT_REGION="${AWS_DEFAULT_REGION:-us-east-1}"
export AWS_REGION="$AWS_DEFAULT_REGION"
export AWS_ACCESS_KEY_ID="${AWS_ACCESS_KEY_ID:-test}"
export AWS_SECRET_ACCESS_KEY="${AWS_SECRET_ACCESS_KEY:-test}"

# The local cloud accepts one key, made anew with every start; it is of use there alone.
keys="${LOCAL_CLOUD_STATE:-$root/tmp/local-cloud}/keys.env"
if [ -r "$keys" ]; then
    wanted="$AWS_ENDPOINT_URL"
    if same_endpoint "$wanted" "$(sed -n 's/^AWS_ENDPOINT_URL=//p' "$keys")"; then
        export_lines "$keys"
        export AWS_ENDPOINT_URL="$wanted"
    fi
fi

export AWS_CONFIG_FILE="$root/scripts/aws-local.config"
export AWS_SHARED_CREDENTIALS_FILE=/dev/null
export AWS_EC2_METADATA_DISABLED=true
export AWS_PAGER=

# A proxy on the way out must not be asked for loopback.
export NO_PROXY="${NO_PROXY:+$NO_PROXY,}localhost,127.0.0.1"
export no_proxy="${no_proxy:+$no_proxy,}localhost,127.0.0.1"

# Terraform warns on every call while this names a file that does not exist.
if [ -n "${TF_CLI_CONFIG_FILE:-}" ] && [ ! -e "$TF_CLI_CONFIG_FILE" ]; then
    unset TF_CLI_CONFIG_FILE
fi

exec "$@"

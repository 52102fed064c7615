#!/usr/bin/env bash
# All linters, each with its findings; the exit status is 1 when one of them found something.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
status=0

run() {
    local name="$1"
    shift
    echo "lint: $name"
    "$@" || status=1
}

# statelint sees what Step Functions will see: the definition with values in place of the placeholders. It does
# not know two fields of a Distributed Map: its Label, and its reader's InputType.
state_machine() {
    local rendered
    rendered="$(mktemp)"
    sed -E -e 's/"\$\{(map|fold|range)_max_concurrency\}"/100/' -e '/^ *"Label": "[A-Za-z]+",$/d' -e 's/\{"InputType": "JSON"\}/{}/' \
        -e 's/\$\{[a-z_]+\}/arn:aws:lambda:us-east-1:000000000000:function:step:live/g' \
        statemachine/training_pipeline.asl.json >"$rendered"
    .venv/bin/statelint "$rendered" || { rm -f "$rendered" && return 1; }
    rm -f "$rendered"
}

terraform_format() {
    if ! command -v terraform >/dev/null; then
        echo "lint: Terraform is missing; install 1.6 or later (https://developer.hashicorp.com/terraform/install)" >&2
        return 1
    fi
    scripts/local-env.sh terraform fmt -check -diff -recursive infra
}

# Its rules alone: nothing is downloaded and nothing is sent. What is excepted says why, in the file (checkov:skip).
security() {
    local found status=0
    found="$(scripts/local-env.sh .venv-checkov/bin/checkov --directory infra --framework terraform \
        --skip-download --quiet --compact 2>&1)" || status=$?
    [ $status -eq 0 ] || { echo "$found" >&2 && return 1; }
}

run "ruff check" .venv/bin/ruff check --quiet
run "ruff format" .venv/bin/ruff format --check --quiet
run "mypy" .venv/bin/mypy --no-error-summary
run "statelint" state_machine
run "terraform fmt" terraform_format
run "checkov" security
exit $status

#!/usr/bin/env bash
# Makes the virtual environments of the repository from their lock files:
#   scripts/setup.sh [dev] [lambda] [local-cloud] [awscli] [benchmark] [checkov] [comparison] [benchmark-models]
#       [mutants] [browser]
# The first three without arguments. What is current is left alone, in a few milliseconds.
#
#   .venv              dev          the scripts and the tests, and uv, which installs the others
#   .venv-lambda       lambda       what the Lambda processes of the local cloud run on
#   .venv-local-cloud  local-cloud  LocalStack and the Lambda executor plugin in scripts/local_cloud
#   .venv-awscli       awscli       the AWS CLI, for scripts/aws-local.sh where none is installed
#   .venv-benchmark    benchmark    what `make benchmark` measures the functions against
#   .venv-checkov      checkov      what `make lint` checks infra/ with
#   .venv-comparison   comparison   what `make comparison` sets the pipeline beside
#   .venv-benchmark-models  benchmark-models  other people's models and tables, for `make benchmark-models`
#   .venv-mutants      mutants      what makes mistakes in functions/, for `make mutants`
#   .venv-browser      browser      what the tests of tests/unit/browser open pages with
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
root="$PWD"
chromium=tests/unit/browser/chromium # the browser of the tests where none is installed
import_paths=(functions scripts) # folders whose packages .venv can import, from any folder

fail() {
    echo "setup: $*" >&2
    exit 1
}

digests() {
    if command -v sha256sum >/dev/null; then sha256sum -- "$@"; else shasum -a 256 -- "$@"; fi
}

# What an environment is made from. The scripts in an environment name its path, so a moved repository makes new ones.
stamp() {
    echo "$root"
    case "$1" in
        dev) echo "${import_paths[@]}" && digests requirements/uv.lock requirements/dev.lock ;;
        lambda) digests requirements/lambda.lock ;;
        local-cloud)
            local sources=()
            while IFS= read -r -d '' source; do sources+=("$source"); done < <(
                find scripts/local_cloud \( -name tests -o -name __pycache__ -o -name '*.egg-info' \) -prune \
                    -o -type f -print0 | LC_ALL=C sort -z
            )
            digests "${sources[@]}"
            ;;
        benchmark) digests benchmarks/requirements.lock ;;
        awscli) digests requirements/awscli.lock ;;
        checkov) digests requirements/checkov.lock ;;
        comparison) digests benchmarks/comparison/requirements.lock ;;
        benchmark-models) digests benchmarks/models/requirements.lock ;;
        mutants) digests benchmarks/mutants/requirements.lock ;;
        browser) digests requirements/browser.lock "$chromium"/* ;;
    esac
}

folder() {
    case "$1" in
        dev) echo .venv ;;
        lambda) echo .venv-lambda ;;
        local-cloud) echo .venv-local-cloud ;;
        benchmark) echo .venv-benchmark ;;
        awscli) echo .venv-awscli ;;
        checkov) echo .venv-checkov ;;
        comparison) echo .venv-comparison ;;
        benchmark-models) echo .venv-benchmark-models ;;
        mutants) echo .venv-mutants ;;
        browser) echo .venv-browser ;;
        *) fail "no environment named '$1'; there are: dev, lambda, local-cloud, awscli, benchmark, checkov, comparison, benchmark-models, mutants, browser" ;;
    esac
}

current() {
    local folder
    folder="$(folder "$1")"
    [ -x "$folder/bin/python" ] && [ -f "$folder/.stamp" ] && [ "$(<"$folder/.stamp")" = "$(stamp "$1")" ] || return 1
    [ "$1" != browser ] || [ -x "$(cat "$folder/browser" 2>/dev/null)" ]
}

# The base interpreter of a Python 3.13: what Lambda runs, and the one version on which LocalStack 4.14.0 works whole.
# Names prove nothing (a pyenv shim exists for versions that it then refuses to run), so each candidate is run.
find_python() {
    local candidate path
    for candidate in "${PYTHON:-}" python3.13 python3 python "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.13.*/bin/python \
        .python/*/bin/python3.13; do
        [ -n "$candidate" ] || continue
        if path="$("$candidate" -c 'import sys
sys.exit(sys.version_info[:2] != (3, 13) or print(sys._base_executable))' 2>/dev/null)"; then
            echo "$path"
            return
        fi
    done
    return 1
}

# Whether standard output is a terminal on which a line can be written over.
in_place() {
    [ -t 1 ] && [ "${TERM:-}" != dumb ]
}

stop_ticking() {
    kill "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

# Writes the seconds since `begin` behind a stage's name: every second on a terminal, where they take the place of those
# before, every ten in a log. It ends with the stage, or with this shell.
tick() {
    local name="$1" begin="$2" parent="$3" waited
    while sleep 1 >/dev/null 2>&1 && kill -0 "$parent" 2>/dev/null; do
        waited=$((SECONDS - begin))
        if in_place; then
            printf '\r%s %d s' "$name" $waited
        elif [ $((waited % 10)) -eq 0 ]; then
            printf ' %d s ...' $waited
        fi
    done
}

# Fetches a Python 3.13 of the repository's own into .python, with uv: the installed one, or the locked one, which pip
# of any Python brings.
fetch_python() {
    local uv said other ticker status=0 ways="install it (https://www.python.org/downloads/), or name one with PYTHON=/path/to/python3.13"
    uv="$(command -v uv || true)"
    for other in python3 python; do
        [ -z "$uv" ] || break
        if "$other" -m pip install --quiet --disable-pip-version-check --require-hashes --target .python/uv \
            --requirement requirements/uv.lock >/dev/null 2>&1; then
            uv=.python/uv/bin/uv
        fi
    done
    [ -n "$uv" ] || fail "Python 3.13 is missing, and there is no pip to fetch it with: $ways"
    echo "setup: Python 3.13 is missing; fetching it into .python" >&2
    tick "setup: fetching it ..." $SECONDS $$ >&2 &
    ticker=$!
    said="$(UV_PYTHON_INSTALL_DIR="$root/.python" UV_PYTHON_INSTALL_BIN=0 UV_HTTP_RETRIES=1 \
        "$uv" python install 3.13 2>&1)" || status=$?
    stop_ticking $ticker
    ! in_place >&2 || echo >&2
    if [ $status -ne 0 ]; then
        said="${said##*$'\n'}" # the last line, which is the cause
        fail "Python 3.13 is missing, and its source is out of reach (${said#"${said%%[! ]*}"}): $ways"
    fi
}

# Runs a stage quietly and says how long it took; when it fails, its own output follows.
stage() {
    local what="$1" name="setup: $1 ..." begin=$SECONDS log status ticker
    shift
    log="$(mktemp)"
    printf '%s' "$name"
    tick "$name" $begin $$ &
    ticker=$!
    # Not `if ! "$@"`: in a condition bash ignores -e, and a stage would go on past its first failure.
    set +e
    (
        set -e
        "$@"
    ) >"$log" 2>&1
    status=$?
    set -e
    stop_ticking $ticker
    ! in_place || printf '\r%s' "$name"
    if [ $status -ne 0 ]; then
        echo " failed"
        cat "$log" >&2
        rm -f "$log"
        fail "$what: failed, see above"
    fi
    rm -f "$log"
    echo " ready ($((SECONDS - begin)) s)"
}

# A mirror that the user gave pip (environment or pip's own files) serves uv as well.
use_pip_mirror() {
    local mirror
    mirror="${PIP_INDEX_URL:-$(.venv/bin/python -m pip config get global.index-url 2>/dev/null || true)}"
    if [ -n "$mirror" ] && [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
        export UV_DEFAULT_INDEX="$mirror"
    fi
}

install() {
    UV_PYTHON_DOWNLOADS=never .venv/bin/uv pip "$@"
}

make_dev() {
    local python="$1"
    # Cleared: what is there may be half made, of another Python, or of this repository under another path.
    if ! "$python" -m venv --clear .venv; then
        echo "The Python at $python cannot make virtual environments (Debian and Ubuntu: apt install python3-venv)."
        return 1
    fi
    # A constraints file of the user's has no hashes, which pip refuses beside a lock that has.
    PIP_CONSTRAINT='' .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
        --requirement requirements/uv.lock
    use_pip_mirror
    install sync --quiet --python .venv/bin/python --require-hashes requirements/uv.lock requirements/dev.lock
    printf '%s\n' "${import_paths[@]/#/$root/}" \
        >"$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/model_service.pth"
    stamp dev >.venv/.stamp
}

# make_compiled NAME LOCK: compiled now, so that the first cold start is as fast as the second.
make_compiled() {
    local folder
    folder="$(folder "$1")"
    use_pip_mirror
    .venv/bin/uv venv --quiet --clear --no-project --python .venv/bin/python "$folder"
    install sync --quiet --compile-bytecode --python "$folder/bin/python" --require-hashes "$2"
    stamp "$1" >"$folder/.stamp"
}

make_local_cloud() {
    local wanted
    wanted="$(stamp local-cloud)"
    use_pip_mirror
    [ -x .venv-local-cloud/bin/python ] ||
        .venv/bin/uv venv --quiet --no-project --python .venv/bin/python .venv-local-cloud
    # In place: a local cloud may be running on it, and an edit of the plugin changes one package only.
    install sync --quiet --python .venv-local-cloud/bin/python --require-hashes scripts/local_cloud/requirements.lock
    install install --quiet --python .venv-local-cloud/bin/python --no-deps --no-build-isolation \
        --reinstall ./scripts/local_cloud
    echo "$wanted" >.venv-local-cloud/.stamp
}

# Says in .venv-browser/browser which Chromium the tests open pages with: an installed one, else the one of the npm lock
# file. Where there is neither, the tests are skipped, and nothing else is kept from being set up.
find_browser() {
    local found candidate room=.venv-browser
    for candidate in chromium chromium-browser google-chrome google-chrome-stable \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
        if found="$(command -v "$candidate")"; then
            echo "$found" >"$room/browser"
            return
        fi
    done
    [ "$(uname -sm)" = "Linux x86_64" ] || return 1
    command -v npm >/dev/null || return 1
    cp "$chromium"/* "$room/"
    (
        cd "$room"
        npm ci --silent --ignore-scripts --no-audit --no-fund --fetch-retries=1 &&
            TMPDIR="$PWD" "$(echo lib/python*/site-packages/playwright/driver/node)" inflate.mjs &&
            rm -r node_modules
    ) >/dev/null 2>&1 || return 1
    # Its font beside those of the system, if any: without one a page has no text, and axe no contrast to measure.
    printf '<fontconfig><dir>%s</dir><cachedir>%s</cachedir><include ignore_missing="yes">%s</include></fontconfig>' \
        "$root/$room/fonts/fonts" "$root/$room/fonts/cache" /etc/fonts/fonts.conf >"$room/fonts/fonts.conf"
    echo "$room/chromium" >"$room/browser"
}

[ $# -gt 0 ] || set -- dev lambda local-cloud

missing=()
for name in "$@"; do
    folder "$name" >/dev/null
    current "$name" || missing+=("$name")
done
[ ${#missing[@]} -gt 0 ] || exit 0

# One set-up at a time: the kernel drops the lock with the process that holds it, whatever ends it.
if [ -z "${SETUP_LOCKED:-}" ]; then
    python="$(find_python)" || { fetch_python && python="$(find_python)"; } ||
        fail "the fetched Python does not run: install Python 3.13, or name one with PYTHON=/path/to/python3.13"
    SETUP_LOCKED="$python" exec "$python" -c '
import fcntl, os, sys
lock = os.open(".setup.lock", os.O_RDWR | os.O_CREAT)
fcntl.flock(lock, fcntl.LOCK_EX)
os.set_inheritable(lock, True)
os.execvp("bash", ["bash", *sys.argv[1:]])' "$root/scripts/setup.sh" "$@"
fi

# By now another set-up, which held the lock, may have done it: ask again.
if ! current dev; then
    stage "development environment .venv" make_dev "$SETUP_LOCKED"
fi
for name in "${missing[@]}"; do
    current "$name" && continue
    case "$name" in
        lambda) stage "Lambda environment .venv-lambda" make_compiled lambda requirements/lambda.lock ;;
        awscli) stage "AWS CLI .venv-awscli" make_compiled awscli requirements/awscli.lock ;;
        checkov) stage "linter environment .venv-checkov" make_compiled checkov requirements/checkov.lock ;;
        comparison)
            stage "comparison environment .venv-comparison" \
                make_compiled comparison benchmarks/comparison/requirements.lock
            ;;
        benchmark-models)
            stage "model benchmark environment .venv-benchmark-models" \
                make_compiled benchmark-models benchmarks/models/requirements.lock
            ;;
        mutants)
            stage "mutation environment .venv-mutants" make_compiled mutants benchmarks/mutants/requirements.lock
            ;;
        local-cloud) stage "local cloud .venv-local-cloud" make_local_cloud ;;
        browser)
            stage "browser test environment .venv-browser" make_compiled browser requirements/browser.lock
            find_browser || echo "setup: no Chromium, and none to be had from npm: tests/unit/browser is skipped"
            ;;
        benchmark)
            stage "benchmark environment .venv-benchmark" make_compiled benchmark benchmarks/requirements.lock
            ;;
    esac
done

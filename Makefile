# What a person runs. `make` alone lists it. Every target does the set-up that it needs, and no more.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

# What a user gives reaches the commands through the environment, quoted, as it stands: not expanded by make
# (a `$` in a file name, say) and not parsed by the shell (quotes in JSON).
override DATA := $(value DATA)
override INPUT := $(value INPUT)
override LABEL := $(value LABEL)
override FIND := $(value FIND)
override EXECUTION := $(value EXECUTION)
override MODEL := $(value MODEL)
override RUNS := $(value RUNS)
override A := $(value A)
override B := $(value B)
override SIZES := $(value SIZES)
override REPEAT := $(value REPEAT)
override CONCURRENCY := $(value CONCURRENCY)
override TABLES := $(value TABLES)
override SEEDS := $(value SEEDS)
override FOLDERS := $(value FOLDERS)
override COUNT := $(value COUNT)
override SEED := $(value SEED)
override TARGET := $(or $(value TARGET),local)
export DATA INPUT LABEL FIND MODEL EXECUTION RUNS A B SIZES REPEAT CONCURRENCY TABLES SEEDS FOLDERS COUNT SEED TARGET YES DROP_ARTIFACTS DROP_DATA

python := .venv/bin/python
command := $(python) -m model_service_cli
locally := scripts/local-env.sh
# Of the commands that list something or come to a result: JSON=yes prints the same as JSON, and nothing else, on stdout.
json := $(if $(JSON),--json)
# Then what has to be done before it tells of itself on stderr.
aside := $(if $(JSON),>&2)
local_cloud := .venv-local-cloud/bin/local-cloud
state := tmp/local-cloud
# The settings of the local cloud stay out of a deployment to AWS.
environment := $(if $(filter aws,$(TARGET)),,$(locally))
compile := .venv/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.13 \
	--no-emit-index-url --custom-compile-command "make lock"
responses := tmp/fetch-and-validate-response.json tmp/summarize-response.json tmp/publish-artifact-response.json

ifneq ($(filter-out local aws,$(TARGET)),)
$(error TARGET is local or aws)
endif
ifneq ($(filter command,$(origin ARTIFACT) $(origin VERSION)),)
$(error a model is named by MODEL, for every command)
endif
# A slip of the pen (LABLE=, data=) would otherwise be no option at all, and be found out after a run.
options := DATA INPUT LABEL FIND EXECUTION MODEL RUNS A B ALL MD JSON SIZES AUTO REPEAT CONCURRENCY TABLES SEEDS PAGE FOLDERS \
	COUNT SEED TARGET YES DROP_ARTIFACTS DROP_DATA
unknown := $(filter-out $(options) PYTHON% TF_% AWS_% PIP_% UV_%, \
	$(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(name))))
ifneq ($(unknown),)
$(error $(unknown): no such option; there are $(options))
endif
ifeq ($(TARGET),aws)
ifneq ($(filter-out deploy destroy package run-pipeline,$(or $(MAKECMDGOALS),help)),)
$(error TARGET=aws is for deploy, run-pipeline and destroy)
endif
endif

##@ Start here

.PHONY: help
help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z][a-z-]*:.*## / { printf "  %-28s %s\n", $$1, $$2 }' Makefile
	@printf '\nOptions: DATA=path.csv or folder  LABEL=class column  INPUT='"'"'{"test_size": 0.3}'"'"'  FIND=text  MODEL=name, key or file  EXECUTION=, RUNS=, A=, B=: name, ARN or run_id  JSON=yes  TARGET=aws\n'

# What is wrong with DATA, LABEL or INPUT is said before the set-up, not after it.
.PHONY: run-pipeline
run-pipeline: $(if $(DATA)$(INPUT)$(LABEL),check-request) $(if $(filter aws,$(TARGET)),tools,deploy) ## Train: all the set-up, upload, execution, result (DATA=, LABEL=, INPUT=, TARGET=aws)
	@$(environment) $(command) run-pipeline "--target=$$TARGET" "--data=$$DATA" "--label=$$LABEL" "--input=$$INPUT" $(json)

# On AWS what is deployed is trained with: a deploy there is a decision of its own.
.PHONY: tools
tools:
	@scripts/setup.sh dev $(aside)

.PHONY: check-request
check-request:
	@scripts/setup.sh dev $(aside)
	@$(command) check-request "--data=$$DATA" "--label=$$LABEL" "--input=$$INPUT"

.PHONY: check-payload
check-payload:
	@scripts/setup.sh dev $(aside)
	@$(command) check-request "--input=$$INPUT" --payload

.PHONY: predict
predict: ## Labels and probabilities of a CSV's rows; of labelled ones the figures, too (DATA=, MODEL=, JSON=yes)
	@scripts/setup.sh dev >&2
	@$(locally) $(command) predict "--data=$$DATA" "--model=$$MODEL" $(json)

.PHONY: models
models: ## The published models of all datasets, and which are current (JSON=yes)
	@scripts/setup.sh dev >&2
	@$(locally) $(command) models $(json)

.PHONY: promote
promote: ## Make a published model the current one of its dataset (MODEL=name)
	@scripts/setup.sh dev >&2
	@$(locally) $(command) promote "--model=$$MODEL" $(json)

.PHONY: rollback
rollback: ## Take back a current model's last move; repeated, go further back (MODEL=name or key)
	@scripts/setup.sh dev >&2
	@$(locally) $(command) rollback "--model=$$MODEL" $(json)

# Tests of the logic run on all cores; those that start a local cloud or a browser, or tell a tally, one after the other.
one_by_one := tests/infra tests/integration tests/statemachine tests/unit/browser tests/unit/fuzz scripts/local_cloud/tests
side_by_side := tests/unit --ignore=tests/unit/browser --ignore=tests/unit/fuzz

.PHONY: test
test: setup ## Run all tests
	@scripts/setup.sh browser
	@$(python) -m pytest $(side_by_side) --numprocesses logical --dist loadfile
	@$(python) -m pytest $(one_by_one)

##@ The local cloud

.PHONY: setup
setup: ## Make the virtual environments from the lock files
	@scripts/setup.sh

.PHONY: local-up
local-up: ## Start the local cloud, unless one answers at AWS_ENDPOINT_URL
	@scripts/setup.sh dev lambda local-cloud $(aside)
	@$(locally) $(local_cloud) up --state-dir $(state) --lambda-python .venv-lambda/bin/python $(aside)

.PHONY: local-down
local-down: ## Stop the local cloud; what was in it is gone
	@if [ -x $(local_cloud) ]; then $(local_cloud) down --state-dir $(state); fi
	@rm -f $(responses)

.PHONY: package
package: ## Build the three zips in dist/
	@scripts/setup.sh dev $(aside)
	@$(command) package $(aside)

.PHONY: deploy
deploy: package $(if $(filter aws,$(TARGET)),,local-up) ## Apply infra/ where something has changed (TARGET=aws: docs/aws.md)
	@$(environment) $(command) deploy "--target=$$TARGET" $(aside)

.PHONY: upload
upload: deploy ## Upload the sample, or a CSV of your own (DATA=)
	@$(locally) $(command) upload "--data=$$DATA" $(aside)

.PHONY: destroy
destroy: ## Remove everything that deploy made (TARGET=aws, DROP_ARTIFACTS=yes, DROP_DATA=yes)
	@scripts/setup.sh dev
	@$(environment) $(command) destroy "--target=$$TARGET"
	@rm -f $(responses)

##@ One step at a time (response in tmp/<step>-response.json)

.PHONY: invoke-fetch-and-validate
invoke-fetch-and-validate: $(if $(INPUT),check-payload) upload ## Step 1: check every row, write the validated dataset (INPUT=)
	@$(locally) $(command) invoke fetch-and-validate "--input=$$INPUT" $(json)

.PHONY: invoke-summarize
invoke-summarize: $(if $(INPUT),check-payload) upload ## Step 2: fit and evaluate, on step 1's response or a request (INPUT=)
	@$(locally) $(command) invoke summarize "--input=$$INPUT" $(json)

.PHONY: invoke-publish-artifact
invoke-publish-artifact: $(if $(INPUT),check-payload) upload ## Step 3: publish, on step 2's response or a request (INPUT=)
	@$(locally) $(command) invoke publish-artifact "--input=$$INPUT" $(json)

.PHONY: logs
logs: ## Newest log lines of the functions and the state machine (FIND=run, execution or text)
	@scripts/setup.sh dev >&2
	@$(locally) $(command) logs "--find=$$FIND" $(json)

##@ Looking at runs

.PHONY: trace
trace: ## The timeline of a run as one page, tmp/trace.html (EXECUTION=name, ARN or run_id)
	@scripts/setup.sh dev
	@$(locally) $(command) trace "--execution=$$EXECUTION"

.PHONY: report
report: ## All runs and models on one page, tmp/index.html, with their traces and cards
	@scripts/setup.sh dev
	@$(locally) $(command) report

.PHONY: card
card: ## The card of a published model, tmp/model_card.html (MODEL=)
	@scripts/setup.sh dev
	@$(locally) $(command) card "--model=$$MODEL"

.PHONY: runs
runs: ## The newest runs: data, label, model, verdict; of failed ones what they got to (JSON=yes)
	@scripts/setup.sh dev >&2
	@$(locally) $(command) runs $(json)

.PHONY: compare
compare: ## Runs side by side: what differs, which is better (RUNS="a b c", A=, B=, ALL=yes, MD=yes, JSON=yes)
	@scripts/setup.sh dev >&2
	@$(locally) $(command) compare "--runs=$$RUNS" "--a=$$A" "--b=$$B" $(if $(ALL),--all) $(if $(MD),--md) $(json)

##@ Development

.PHONY: lint
lint: ## Check style, types, the state machine, and Terraform's formatting and security
	@scripts/setup.sh dev checkov
	@scripts/lint.sh

.PHONY: benchmark
benchmark: ## Time and memory beside pandas, polars, DuckDB and bare Python (SIZES="1 10", REPEAT=)
	@scripts/setup.sh dev lambda benchmark
	@$(python) benchmarks/benchmark.py "--sizes=$$SIZES" "--repeat=$$REPEAT"

.PHONY: benchmark-models
benchmark-models: ## Our models beside CatBoost, LightGBM, scikit-learn on real tables (TABLES=, SEEDS=, PAGE=yes)
	@scripts/setup.sh dev benchmark-models
	@PYTHONPATH=benchmarks $(python) -m models "--tables=$$TABLES" "--seeds=$$SEEDS" $(if $(PAGE),--page)

.PHONY: benchmark-scale
benchmark-scale: ## Large CSVs through the state machine, 1, 2 and 4 items at once (SIZES=, AUTO=, CONCURRENCY=, REPEAT=)
	@scripts/setup.sh dev lambda local-cloud benchmark
	@$(locally) $(python) benchmarks/scale_benchmark.py "--sizes=$$SIZES" "--concurrency=$$CONCURRENCY" \
		$${AUTO+"--auto=$$AUTO"} $${REPEAT:+"--repeat=$$REPEAT"}

.PHONY: mutants
mutants: ## Mistakes made in functions/, and how many the unit tests find (FOLDERS=, COUNT=, SEED=)
	@scripts/setup.sh dev mutants
	@PYTHONPATH=benchmarks $(python) -m mutants "--folders=$$FOLDERS" "--count=$$COUNT" "--seed=$$SEED"

.PHONY: benchmark-load
benchmark-load: ## A hundred executions at once: seconds, memory of all processes, how many were lost
	@scripts/setup.sh dev lambda local-cloud
	@$(locally) $(python) benchmarks/load_benchmark.py

.PHONY: comparison
comparison: ## The same job as a plain script, a Metaflow flow and this pipeline (REPEAT=)
	@scripts/setup.sh dev lambda local-cloud comparison
	@$(locally) $(python) benchmarks/three_ways.py "--repeat=$${REPEAT:-5}"

.PHONY: explore
explore: ## Rows and model of the newest run with NumPy and scikit-learn, and a picture of them (MODEL=)
	@scripts/setup.sh dev
	@$(locally) $(python) explore/fetch.py tmp/explore "--model=$$MODEL"
	@$(python) explore/model.py tmp/explore

.PHONY: docs
docs: ## Write what is generated in docs/: artifact, request fields, diagrams
	@scripts/setup.sh dev
	@$(python) docs/generate
	@$(python) tests/integration/faults/fault_scenarios.py

.PHONY: picture
picture: ## What run-pipeline shows of the newest run, as a picture, docs/run.svg (EXECUTION=)
	@scripts/setup.sh dev
	@$(locally) $(command) picture "--execution=$$EXECUTION"

.PHONY: lock
lock: ## Write the lock files from the *.in files and the local cloud's pyproject.toml
	@scripts/setup.sh dev
	@for name in dev lambda uv awscli checkov browser; do $(compile) "requirements/$$name.in" -o "requirements/$$name.lock"; done
	@cd tests/unit/browser/chromium && npm install --silent --package-lock-only --omit-lockfile-registry-resolved
	@$(compile) benchmarks/requirements.in -o benchmarks/requirements.lock
	@$(compile) benchmarks/models/requirements.in -o benchmarks/models/requirements.lock
	@$(compile) benchmarks/mutants/requirements.in -o benchmarks/mutants/requirements.lock
	@$(compile) benchmarks/comparison/requirements.in -o benchmarks/comparison/requirements.lock
	@# LocalStack does not bound its dependencies: nothing newer than this day is known to work with it.
	@$(compile) --directory scripts/local_cloud --exclude-newer 2026-03-05 pyproject.toml -o requirements.lock

.PHONY: clean
clean: local-down ## Stop the local cloud; remove built files, local state, caches and environments
	@rm -rf dist tmp .venv .venv-lambda .venv-local-cloud .venv-awscli .venv-benchmark .venv-benchmark-models .venv-checkov .venv-comparison .venv-mutants .venv-browser .python .setup.lock .pytest_cache .ruff_cache .mypy_cache .hypothesis
	@find . -path ./.git -prune -o -type d -name __pycache__ -exec rm -rf {} +

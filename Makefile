# What people and CI run. Every target sets up what it needs first; a second call is instant.
#
#   make demo                        the product, on the sample records
#   make test ARGS='-k late -x'      ARGS goes to pytest; with WORKERS=0 in one process
#   make setup PYTHON=python3.12     chooses the interpreter of a new .venv; UV= does without uv

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

PY := .venv/bin/python
RUNTIME := .venv/.runtime-ready
DEV := .venv/.dev-ready
# Tests at work at once. Those with real backends mostly wait, so more than there are cores.
WORKERS ?= 3
PEERS := .venv-peers/.ready

##@ Use it

.PHONY: demo
demo: setup  ## Replay logs.json: the run in the terminal, its telemetry and report.html in out/
	$(PY) -m filrouge replay logs.json --timezone America/Toronto --out out

.PHONY: up
up: setup  ## Run the real backends here: Kafka, collector, Tempo, Loki, Prometheus, Alertmanager
	$(PY) -m filrouge stack build
	$(PY) -m filrouge stack up

.PHONY: down
down: setup  ## Stop them; their data stays
	$(PY) -m filrouge stack down

.PHONY: setup
setup: $(RUNTIME)  ## Make .venv with what filrouge needs to run

##@ Work on it

.PHONY: setup-dev
setup-dev: $(DEV)  ## Make .venv with everything the targets below need

.PHONY: check
check: lint types test  ## Everything CI checks: lint, types, test

.PHONY: test
test: setup-dev  ## Run all tests; builds the backends and installs the browser where missing
	$(PY) -m filrouge stack build
	browser=$$(scripts/browser.sh) && FILROUGE_BROWSER=$$browser $(PY) -m pytest -n $(WORKERS) $(ARGS)

.PHONY: test-fast
test-fast: setup-dev  ## Run the tests that need no backends, no browser and no patience
	$(PY) -m pytest -n $(WORKERS) -m 'not stack and not browser and not slow' $(ARGS)

.PHONY: lint
lint: setup-dev  ## Look for faults and unformatted code
	$(PY) -m ruff check
	$(PY) -m ruff format --check

.PHONY: types
types: setup-dev  ## Check the types, strictly
	$(PY) -m mypy

.PHONY: format
format: setup-dev  ## Format the code and mend what can be mended safely
	$(PY) -m ruff check --fix
	$(PY) -m ruff format

.PHONY: rules
rules: setup-dev  ## Write prometheus/rules from alerts, objectives and limits
	$(PY) -m filrouge stack build sloth
	$(PY) -m scripts.rules

.PHONY: bench
bench: setup-dev  ## Compare the cost of a record with the plain way, and print the table
	$(PY) -m benchmarks

.PHONY: bench-stack
bench-stack: setup-dev  ## Measure the real stack, about 20 minutes; ARGS=--quick for a try
	$(PY) -m filrouge stack build
	$(PY) -m benchmarks.stack $(ARGS)

.PHONY: bench-services
bench-services: setup-dev $(PEERS)  ## Measure the services beside others' ways, about 12 minutes; ARGS=--quick for a try
	$(PY) -m filrouge stack build
	$(PY) -m benchmarks.services $(ARGS)

##@ Regenerate what is generated

.PHONY: docs
docs: setup  ## Write docs/telemetry.md, docs/settings.md and the JSON Schemas from the code
	$(PY) -m filrouge.docs

.PHONY: dashboards
dashboards: setup-dev  ## Write grafana/dashboards from grafana/generate
	$(PY) -W ignore::DeprecationWarning -m grafana.generate

.PHONY: previews
previews: setup-dev  ## Draw docs/images/dashboards from a stack of its own, about 5 minutes
	$(PY) -m filrouge stack build
	$(PY) -m grafana.preview

.PHONY: sample
sample: setup  ## Write logs.json with the simulator, from its fixed seed
	$(PY) -m filrouge_sim --out logs.json

.PHONY: lock
lock:  ## Write requirements*.txt from pyproject.toml, keeping the versions that still fit
	scripts/lock.sh

.PHONY: upgrade
upgrade:  ## Write requirements*.txt with the newest versions
	scripts/lock.sh --upgrade

.PHONY: build
build: setup  ## Build the wheel into dist/
	$(PY) -m hatchling build --target wheel

##@ Clean up

.PHONY: clean
clean:  ## Remove what the targets wrote, except .venv
	rm -rf out dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

.PHONY: clean-all
clean-all: clean  ## Remove .venv as well
	rm -rf .venv .venv-peers

.PHONY: help
help:  ## Print this list
	@awk -F ':.*  ## ' '/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*  ## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# pyproject.toml names the commands and the folders of the editable install.
$(RUNTIME): requirements.txt requirements-build.txt pyproject.toml scripts/setup.sh
	@scripts/setup.sh runtime
	@touch $@

$(DEV): requirements-dev.txt $(RUNTIME)
	@scripts/setup.sh dev
	@touch $@

$(PEERS): requirements-peers.txt scripts/setup.sh
	@scripts/setup.sh peers
	@touch $@

# Every target sets up what it needs, and does no set-up twice.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Airbyte's source needs Python 3.9 to 3.11 and old packages, so it has an environment of its own.
PEERS_PYTHON ?= $(shell command -v python3.11 || command -v python3.10 || command -v python3.9)
PEERS := .venv-peers/.installed
# pm4py is under the AGPL, so nothing of ours imports it.
PM4PY := .venv-pm4py/.installed

.DEFAULT_GOAL := help
.PHONY: help demo dev test lint format reliability determinism ground-truth malformed bench peers mutation lock clean

help: ## Show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(RUNTIME) ## Fresh machine to event log: sandbox Dataverse, Dagster, data/warehouse.duckdb
	@$(BIN)/d365-pm demo

dev: $(RUNTIME) ## Dagster UI on http://localhost:3000, with the sandbox beside it unless D365_URL is set
	@$(BIN)/d365-pm dev

# Many tests start processes, each of which would compile our modules anew where no bytecode is kept.
test: $(DEV) ## All tests
	@$(BIN)/python -m compileall -q d365_pm d365_pm_tests
	@$(BIN)/python -m pytest -n 2 -m "not bench"

lint: $(DEV) ## Lint, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(DEV) ## Put the code into its format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

reliability: $(DEV) ## Faults, kills, random histories and audit routes at full size (an hour; parts of it are in `make test`)
	@$(BIN)/python -m d365_pm_tests.reliability.fault_matrix
	@$(BIN)/python -m d365_pm_tests.reliability.change_stream 1000
	@$(BIN)/python -m d365_pm_tests.reliability.kill_and_resume 50
	@$(BIN)/python -m d365_pm_tests.reliability.audit_speed
	@$(BIN)/python -m d365_pm_tests.reliability.nothing_changed

determinism: $(DEV) ## The same rows in other orders, pages, threads and time zones: the same bytes (ten minutes)
	@$(BIN)/python -m d365_pm_tests.determinism

ground-truth: $(DEV) ## The log against the truth: ten seeds in every kind of environment (half an hour; a sample is in `make test`)
	@$(BIN)/python -m d365_pm_tests.ground_truth

malformed: $(DEV) ## Ten thousand malformed rows beside healthy cases, through the wire and the raw layer
	@$(BIN)/python -m d365_pm_tests.malformed --rows 10000 --seed 1

bench: $(DEV) $(PM4PY) ## Speed and memory, side by side with the peers
	@$(BIN)/python -m d365_pm_tests.benchmarks --pm4py .venv-pm4py/bin/python

peers: $(DEV) $(PEERS) ## Microsoft's SDK, dlt and Airbyte's source read a sandbox whole; ends with 1 if one does not
	@$(BIN)/python -m d365_pm_tests.peers --airbyte .venv-peers/bin/python

mutation: $(DEV) ## 300 small changes of the SQL models, each judged by the tests; ends with 1 if too few are noticed
	@$(BIN)/python -m d365_pm_tests.mutation

lock: ## Write both lock files anew, from an index of your choice
	@$(PYTHON) -m venv $(VENV)-lock && $(VENV)-lock/bin/python -m pip --quiet install pip-tools
	@for extra in "" dev; do \
	  $(VENV)-lock/bin/pip-compile --quiet --upgrade --strip-extras --allow-unsafe --no-header --no-annotate \
	    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host $${extra:+--extra $$extra -c requirements.lock} \
	    -o requirements$${extra:+-$$extra}.lock pyproject.toml || exit 1; \
	done; rm -rf $(VENV)-lock

clean: ## Remove the virtual environments and caches; data/ stays
	@rm -rf $(VENV) .venv-peers .venv-pm4py .mypy_cache .pytest_cache .ruff_cache

$(BIN)/python:
	@echo "Setting up $(VENV) with $(PYTHON) ..."
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "d365-pm needs Python 3.11 or newer; name one with: make PYTHON=/usr/bin/python3.11 ...")'
	@$(PYTHON) -m venv $(VENV)

$(PM4PY): d365_pm_tests/benchmarks/pm4py-requirements.txt
	@echo "Setting up .venv-pm4py ..."
	@$(PYTHON) -m venv .venv-pm4py
	@.venv-pm4py/bin/python -m pip --disable-pip-version-check --quiet install -r $<
	@touch $@

$(PEERS): d365_pm_tests/peers/airbyte-requirements.txt
	@echo "Setting up .venv-peers for Airbyte's source ..."
	@test -n "$(PEERS_PYTHON)" || { echo "Airbyte's source needs Python 3.9, 3.10 or 3.11; name one with: make peers PEERS_PYTHON=/usr/bin/python3.11"; exit 1; }
	@$(PEERS_PYTHON) -m venv .venv-peers
	@.venv-peers/bin/python -m pip --disable-pip-version-check --quiet install -r $<
	@touch $@

$(RUNTIME): requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing the locked packages (a minute or two, once) ..."
	@$(PIP) install -r requirements.lock
	@$(PIP) install --no-deps -e .
	@touch $@

$(DEV): requirements-dev.lock $(RUNTIME)
	@echo "Installing the test tools ..."
	@$(PIP) install -r requirements-dev.lock
	@touch $@

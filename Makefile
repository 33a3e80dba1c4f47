# Every target works first on a fresh clone: it sets up what it needs. `make help` lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.ready-to-run
DEV := $(VENV)/.ready-to-develop
CATALOGUES := $(wildcard core/translations/*/LC_MESSAGES/*.po)
CHECKED := core estafet plugins tests web workflows benchmarks hatch_build.py
# Tests are hermetic, so that they run beside one another (three for two cores, as many of them wait); a file's tests stay together and share its servers.
PYTEST := $(BIN)/python -m pytest
SPREAD ?= -n 3 --dist loadfile

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help up test check lint types contracts translations-check chaos bench fmt lock translations clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 22

up: $(RUN)  ## set up and run everything; Ctrl-C stops it
	@exec $(BIN)/estafet up

test: $(DEV) check  ## set up and test everything
	$(PYTEST) $(SPREAD)

check: lint types contracts translations-check  ## lint, types, contracts, translations

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV)
	$(BIN)/mypy

contracts: $(DEV)
	$(BIN)/lint-imports

translations-check: $(DEV)
	$(PYTEST) -q tests/core/test_translations.py

chaos: $(DEV)  ## the long fault suite, and all else that is too slow for every change
	$(PYTEST) -m slow --timeout 3600 -s tests

bench: $(DEV)  ## benchmarks: a table, and bench-results/*.json
	$(BIN)/python -m benchmarks

fmt: $(DEV)  ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix --select I .

lock: $(DEV)  ## choose the newest versions of all libraries that fit, and write the lock files
	$(BIN)/uv lock --upgrade
	$(BIN)/uv export --quiet --no-header --no-emit-project --no-dev --group build --extra postgres -o requirements.lock
	$(BIN)/uv export --quiet --no-header --no-emit-project --all-groups --extra postgres -o requirements-dev.lock

translations: $(DEV)  ## bring new texts into the catalogues, to be translated there
	$(BIN)/pybabel -q extract -F babel.cfg -k N_ -k _ -k ngettext:1,2 --no-location --sort-output -o $(VENV)/messages.pot core estafet plugins web workflows
	$(BIN)/pybabel -q update -i $(VENV)/messages.pot -d core/translations --no-fuzzy-matching --no-wrap

clean:  ## remove the environment and caches; var/ (the data) stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# ---- setting up: the stamps say for which locks and catalogues it was done ------------------------------------------------

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Estafet needs Python 3.11 or newer; '$(PYTHON)' is older or missing. Say which: make PYTHON=python3.12"; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { echo "The environment could not be made. On Debian and Ubuntu: apt install python3-venv"; rm -rf $(VENV); exit 2; }

$(RUN): requirements.lock pyproject.toml hatch_build.py $(CATALOGUES) | $(BIN)/python
	$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): requirements-dev.lock pyproject.toml hatch_build.py $(CATALOGUES) | $(BIN)/python
	$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ $(RUN)

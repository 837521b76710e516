# `make why` answers an example denial, `make test` runs the tests. Both set up what they need.

PYTHON := $(shell if python3.11 -c '' >/dev/null 2>&1; then echo python3.11; else echo python3; fi)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DIST := dist

# The example: a traceback with a denial in it, and the environment that it comes from.
QUESTION := fixtures/pastes/denied.txt
ENVIRONMENT := fixtures/environments/tamagotchi/environment.yaml

# How pytest is started, and what is added to its command line: `make test ARGS='-k wildcard'`.
PYTEST := $(BIN)/python -m pytest
ARGS :=

# Only what .venv holds counts, whatever the calling shell has set.
unexport PYTHONHOME PYTHONPATH VIRTUAL_ENV

.PHONY: help why test setup lint format types layers cover wheel bench clean
.DEFAULT_GOAL := help

help:
	@echo 'make why      answer an example denial'
	@echo 'make test     run the tests'
	@echo 'make lint     check format and lint        make format   apply both'
	@echo 'make types    check the types              make layers   check the imports'
	@echo 'make cover    run the tests, show coverage make wheel    build sdist and wheel'
	@echo 'make bench    run the benchmarks           make clean    remove what was made'

why: $(STAMP)
	@$(BIN)/policyeval why $(QUESTION) --env $(ENVIRONMENT)

test: $(STAMP)
	$(PYTEST) -n auto -q $(ARGS)

setup: $(STAMP)

# pip says nothing unless it fails. A .venv without a working pip is made anew.
$(STAMP): pyproject.toml
	@echo 'setting up $(VENV), about a minute the first time' >&2
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("policyeval needs Python 3.11 or newer, $(PYTHON) is " + sys.version.split()[0])'
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --editable '.[dev]'
	@touch $@

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# tests/typing uses the package as a program that embeds it would.
types: $(STAMP)
	$(BIN)/mypy --strict src $(wildcard tests/typing)

layers: $(STAMP)
	$(BIN)/lint-imports --no-logo

cover: $(STAMP)
	$(BIN)/coverage erase
	@$(MAKE) --no-print-directory test PYTEST='$(BIN)/coverage run -m pytest'
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

wheel: $(STAMP)
	@rm -f $(DIST)/policyeval-*
	$(BIN)/python -m build --outdir $(DIST) .

bench: $(STAMP)
	@set -e; for file in benchmarks/bench_*.py; do echo "== $$file"; $(BIN)/python "$$file"; done

clean:
	rm -rf $(VENV) build dist htmlcov .coverage .coverage.* .hypothesis .import_linter_cache \
		.mypy_cache .pytest_cache .ruff_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

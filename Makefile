# Everything that a newcomer needs is here: `make help` lists it.
# Nothing is installed outside .venv, and stamp files in it make the second time quick.

SHELL := /bin/sh
.DEFAULT_GOAL := help

HOST ?= 127.0.0.1
PORT ?= 8000
ARGS ?=
export HOST PORT

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet
FLASK := $(PY) -m flask --app wsgi
# The locks are made by this version, so that two people get the same file.
UV := uv==0.13.9

.PHONY: help run test lint format types check bench lock clean

help: ## this list
	@grep -E '^[a-z]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed 's/:.*## /|/' \
	| awk -F'|' '{ printf "  make %-8s %s\n", $$1, $$2 }'

run: $(VENV)/.run ## the product with the demo company (HOST, PORT and DATABASE_URL are honoured)
	@$(PY) -P roadmap/serve.py
	@$(FLASK) db upgrade
	@$(FLASK) demo load --if-empty
	@echo "Serving on http://$(HOST):$(PORT) (stop with Ctrl-C)"
	@exec $(PY) -m gunicorn --config roadmap/serve.py wsgi:app

test: $(VENV)/.dev ## all tests; ARGS="tests/domain -k schedule" picks some
	@$(PY) -m pytest --numprocesses logical --maxprocesses 8 --dist loadgroup $(ARGS)

lint: $(VENV)/.dev ## rules and format
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

format: $(VENV)/.dev ## put the code into the project's format
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

types: $(VENV)/.dev ## mypy --strict
	@$(PY) -m mypy --strict

check: lint types test ## lint, types and tests

bench: $(VENV)/.dev ## build a large company and measure the real server over HTTP
	@$(PY) -m tests.bench $(ARGS)

# Run dependencies are resolved under the development ones, so that both locks name one version each.
lock: $(VENV)/bin/python ## resolve the dependencies in pyproject.toml anew
	@$(PIP) install $(UV)
	@$(VENV)/bin/uv --no-config pip compile --quiet --upgrade --universal --generate-hashes \
		--no-emit-index-url --no-strip-extras --python-version 3.11 \
		--custom-compile-command "make lock" --extra dev pyproject.toml --output-file .locks/dev.txt
	@$(VENV)/bin/uv --no-config pip compile --quiet --upgrade --universal --generate-hashes \
		--no-emit-index-url --python-version 3.11 --custom-compile-command "make lock" \
		--constraint .locks/dev.txt --no-annotate pyproject.toml --output-file .locks/run.txt

clean: ## remove .venv and caches; instance/ with its data stays
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage htmlcov test-results
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The development lock contains the run lock, so whoever has it can run the product too.
$(VENV)/.run: .locks/run.txt | $(VENV)/bin/python
	@if [ $(VENV)/.dev -nt .locks/dev.txt ] && [ $(VENV)/.dev -nt .locks/run.txt ]; then :; else \
		echo "Installing the product's packages into $(VENV) (about a minute, once)"; \
		$(call install,run); \
	fi
	@touch $@

$(VENV)/.dev: .locks/dev.txt | $(VENV)/bin/python
	@echo "Installing the packages for development into $(VENV) (about two minutes, once)"
	@$(call install,dev)
	@touch $@

define install
$(PIP) install --require-hashes --requirement .locks/$(1).txt || { \
	echo "The packages could not be installed: see pip's message above." >&2; \
	echo "A package index must be reachable the first time." >&2; exit 1; }
endef

# PYTHON=/path/to/python overrides the search.
$(VENV)/bin/python:
	@for python in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			found=$$python; break; \
		fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "Python 3.11 or later is needed and was not found." >&2; \
		echo "On Debian and Ubuntu: apt-get install python3 python3-venv" >&2; exit 1; \
	fi; \
	if ! $$found -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "$$found has no venv module, which is needed to set up $(VENV)." >&2; \
		echo "On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; \
	fi; \
	$$found -m venv --clear $(VENV)

# The commands of the desk. Each works on a fresh clone; `make help` lists them.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PORT ?= 8800
VENV := .venv
BIN := $(VENV)/bin
# The oldest Python that will do comes first: it is the one the packages are tried on.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
INSTALLED := $(VENV)/.installed
PYTEST_ARGS ?=
# More than two cores have: much of the suite waits for a process of its own.
JOBS ?= 3
SEED ?= 1
ORDERS ?= 0
ROUNDS ?= 0
SHORT ?=
PAGE ?=

.PHONY: help up test demo soak chaos mutants lint bench lock install

help:  ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

up: $(INSTALLED)  ## run the whole desk on this machine; Ctrl-C ends it; PORT=8900 moves it
	@exec $(BIN)/python manage.py up --port $(PORT)

demo: $(INSTALLED)  ## play a desk's day without a person and compare both books
	@exec $(BIN)/python manage.py demo

test: $(INSTALLED)  ## run the suite; it names what it cannot run here; whole desks are killed by make chaos
	@exec $(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder -m "not chaos and not matrix" $(PYTEST_ARGS)

bench: $(INSTALLED)  ## measure: messages, approvals, fills, parsing
	@exec $(BIN)/python -m tests.benchmarks

soak: $(INSTALLED)  ## simulate orders and every fault until stopped; SEED=n begins elsewhere
	@exec $(BIN)/python -m tests.simulation --seed $(SEED) --jobs $(JOBS) --orders $(ORDERS)

# A seed of its own for each round, unless one is named.
chaos: $(INSTALLED)  ## play every fault against real processes until stopped; SHORT=1 once and quickly
	@exec $(BIN)/python -m tests.chaos $(if $(SHORT),--short --rounds 1 $(if $(PAGE),--page),--page --rounds $(ROUNDS)) \
		$(if $(filter file,$(origin SEED)),,--seed $(SEED))

mutants: $(INSTALLED)  ## take each guard of the executor away in turn, and see a test notice
	@exec $(BIN)/python -m tests.mutants

lint: $(INSTALLED)  ## style, types, import rules, migrations, deployment settings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	@echo "check --deploy with the settings of .env.example"
	@set -a; . ./.env.example; set +a; SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))') \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

lock:  ## compile requirements.lock anew from pyproject.toml (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv" >&2; exit 1; }
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --extra dev \
		--python-version 3.11 pyproject.toml -o requirements.lock

install: $(INSTALLED)  ## only install the locked packages into .venv

# Done once for each lock file. pip's own words go to a log: here one line counts the packages.
$(INSTALLED): requirements.lock
	@[ -n "$(PYTHON)" ] || { echo "The desk needs Python 3.11 or newer, and none was found." \
		"Install one, or name it: make up PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "The desk needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version)." >&2; exit 1; }
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Python's venv module is missing. On Debian or Ubuntu: apt install python3-venv" >&2; exit 1; }
	@set -euo pipefail; tty=0; if [ -t 1 ]; then tty=1; fi; packages=$$(grep -c '^[a-zA-Z0-9].*==' requirements.lock); \
	echo "Installing $$packages locked packages into $(VENV) (once; a minute or two)"; \
	$(BIN)/python -m pip install --no-input --disable-pip-version-check --require-hashes \
		-r requirements.lock 2>&1 | tee $(VENV)/install.log | awk -v of=$$packages -v tty=$$tty ' \
		/^(Collecting|Processing|Ignoring|Requirement already)/ { \
			n++; name = /^Req/ ? $$4 : $$2; sub(/.*\//, "", name); sub(/[-:=<>].*/, "", name); \
			if (tty) printf "\r  %3d of %d  %-40s", n, of, name; \
			else if (n % 20 == 0) printf "  %d of %d\n", n, of; fflush() } \
		/^Installing collected/ { printf "%s  unpacking %d packages %40s", tty ? "\r" : "", n, ""; fflush() } \
		END { print "" }' || { tail -n 20 $(VENV)/install.log >&2; \
		echo "The packages could not be installed: the whole story is in $(VENV)/install.log" >&2; exit 1; }
	@touch $@

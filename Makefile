# `make run` starts the site, `make test` checks everything. Both do all of their set-up.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?=
export PORT
# What Python compiles is kept in __pycache__/: where that is switched off, each of our many processes compiles for 4 s.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test lint types unit postgres services engine browser acceptance bench screenshots requirements python tools clean

help:  ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

run: $(VENV)/.installed staticfiles/staticfiles.json  ## the site, with a worker: PORT=8000 unless told otherwise
	@exec $(BIN)/python -m layersite.run

# --- what it takes to run --------------------------------------------------------------------------------------------

python:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "$(PYTHON) is missing. On Debian: apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or later is needed, this is $$($(PYTHON) -V 2>&1). Another one: make run PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, sqlite3, venv' 2>/dev/null || { \
	  echo "This Python can't make virtual environments. On Debian: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/.installed: requirements.txt | python
	@echo "Installing what layersite needs into $(VENV)/ (once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

staticfiles/staticfiles.json: $(VENV)/.installed $(shell find analyzer/static -type f 2>/dev/null)
	@echo "Collecting and compressing style sheets and scripts ..."
	@$(BIN)/python manage.py collectstatic --noinput --clear --verbosity 0
	@touch $@

# --- tests -----------------------------------------------------------------------------------------------------------

PYTEST := $(BIN)/python -m pytest
# On two processors, and one that is done takes over what the other has not begun.
TWICE := -n 2 --dist worksteal
# The same, where a file's tests share what takes long to start.
FILE_BY_FILE := -n 2 --dist loadfile
# What needs nothing but Python and the database; the other kinds have a target of their own.
PLAIN := not service and not engine and not browser and not acceptance
# The files that have tests of a kind: no need to load all the others.
files_of = $(sort $(shell grep -rlw --include='test_*.py' 'pytest.mark.$(1)' tests))

# Side by side, since servers, browsers and mypy leave a processor idle half of the time; the long one first, and beside
# it the one that waits most. What one says is shown when it is done, and one that fails keeps none from telling what
# else is wrong.
SIDE_BY_SIDE := --no-print-directory --jobs=2 --output-sync=target --keep-going

test: tools  ## all checks: lint, types, and every kind of test
	@echo "Each kind of test tells what it found once it is done: minutes ..."
	@$(MAKE) $(SIDE_BY_SIDE) unit services browser postgres engine types lint

$(VENV)/.installed-dev: requirements.txt requirements-dev.txt | python
	@echo "Installing what the tests need into $(VENV)/ (once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -r requirements-dev.txt
	@touch $(VENV)/.installed $@

tools: $(VENV)/.installed-dev
	@sh tests/prerequisites.sh

lint: $(VENV)/.installed-dev  ## ruff, import contracts, templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/djlint --lint --quiet templates

types: $(VENV)/.installed-dev  ## mypy, strict
	$(BIN)/mypy

unit: $(VENV)/.installed-dev  ## unit, property and page tests, on SQLite
	$(PYTEST) $(TWICE) -m "$(PLAIN) and not postgres"

postgres: $(VENV)/.installed-dev  ## the tests that use the database, on PostgreSQL
	$(BIN)/python -m tests.service.on_postgres $(PYTEST) $(TWICE) --only-database -m "$(PLAIN) and not once"

services: $(VENV)/.installed-dev  ## Redis, PostgreSQL, workers that are killed
	$(PYTEST) $(FILE_BY_FILE) -m service $(call files_of,service)

engine: $(VENV)/.installed-dev  ## images from a real Docker Engine and a real registry
	$(PYTEST) -m "engine and not browser" $(call files_of,engine)

browser: $(VENV)/.installed-dev  ## the pages in Chromium
	$(PYTEST) $(FILE_BY_FILE) -m browser $(call files_of,browser)

acceptance: $(VENV)/.installed-dev  ## every image of a corpus: CORPUS=folder
	$(PYTEST) --timeout=0 -m acceptance $(call files_of,acceptance)

bench: $(VENV)/.installed-dev  ## our time beside dive's: ARCHIVE=file; pages of a large collection: SCALE=1000
	$(BIN)/python -m $(if $(SCALE),tests.bench.scale $(SCALE) $(if $(DATA),--data $(DATA)),tests.bench $(ARCHIVE))

screenshots: $(VENV)/.installed-dev staticfiles/staticfiles.json  ## docs/screenshots/ anew, in Chromium: CORPUS=folder or the sample
	$(BIN)/python -m tests.screenshots

# --- upkeep ----------------------------------------------------------------------------------------------------------

requirements: $(VENV)/.installed-dev  ## which pinned packages have newer versions
	$(BIN)/python -m pip list --outdated --disable-pip-version-check

clean:  ## everything that was made, except data/
	rm -rf $(VENV) staticfiles .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache test-results

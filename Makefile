# make demo   the seeds into ./lake, and what was found
# make test   all tests
# make test-fast   unit and property tests, in under two minutes
# make test-again  the tests that failed the last time, one by one
# make coverage    all tests, and which lines and branches they reach
# make test-faults   faults by the hundred, for half an hour (see docs/reliability.md)
# make engine      what a Flink cluster needs, into .engine; it wants Java and Maven
# make test-engine   the command on a Flink cluster that is started for it
# make check  lint, formatting and types
# make docs   the site of documents, into build/site
# make lock   pin the dependencies anew
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
UV := $(shell command -v uv 2>/dev/null)

ENGINE := .engine

TESTS := WIRECOPY_OTHER_DUCKDB=$(CURDIR)/$(VENV)/duckdb-1.5/bin/python
SPREAD := --numprocesses auto --dist worksteal

.PHONY: demo test test-fast test-again test-faults test-engine engine coverage check docs lock clean

demo: $(READY)
	$(BIN)/wirecopy demo

test: $(READY)
	$(TESTS) $(BIN)/pytest $(SPREAD)

test-fast: $(READY)
	$(TESTS) $(BIN)/pytest $(SPREAD) -m "not slow"

test-again: $(READY)
	$(TESTS) $(BIN)/pytest --last-failed --last-failed-no-failures none

coverage: $(READY)
	$(BIN)/coverage erase
	$(TESTS) $(BIN)/coverage run -m pytest $(SPREAD)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

test-faults: $(READY)
	PYTHONPATH=tests $(BIN)/python -m faults $(FAULTS)

engine: $(READY)
	$(BIN)/python tests/engine/install.py $(ENGINE)

test-engine: engine
	WIRECOPY_ENGINE=$(abspath $(ENGINE)) $(BIN)/pytest tests/engine -rs

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(READY)
	$(BIN)/python docs/make_tables.py
	$(BIN)/python docs/make_reference.py
	$(BIN)/mkdocs build --strict

$(READY): requirements-dev.lock tests/duckdb-1.5.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "wirecopy needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ..." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(VENV)/duckdb-1.5/bin/python || $(PYTHON) -m venv $(VENV)/duckdb-1.5
ifdef UV
	uv pip install --quiet --python $(VENV)/duckdb-1.5/bin/python --require-hashes -r tests/duckdb-1.5.lock
	uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	uv pip install --quiet --python $(BIN)/python --no-deps --editable .
else
	$(VENV)/duckdb-1.5/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r tests/duckdb-1.5.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
endif
	@touch $(READY)

PIN := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --strip-extras

lock:
	$(PIN) --upgrade --output-file requirements.lock
	$(PIN) --extra dev --constraint requirements.lock --output-file requirements-dev.lock

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage .coverage.* build *.egg-info

# One entry for people, CI and pre-commit. `make setup` needs python3 (3.11 or newer, with venv); the rest comes from there.
# ARGS is handed on: make test ARGS="-k heartbeat", make benchmark ARGS="--runs 30", make mutation ARGS="health".

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
STUBS := $(VENV)/micropython-stubs
ARGS ?=
# Tests of the emulated rig mostly wait: more of them at a time than there are cores cost nothing.
WORKERS ?= 4

.PHONY: help setup demo test campaign campaign-long mutation check check-format check-lint check-types \
	check-firmware-types check-imports check-docs \
	benchmark docs format clean
.DEFAULT_GOAL := help

help:
	@echo "make setup      make .venv with everything pinned"
	@echo "make demo       watch a failover on emulated boards"
	@echo "make test       run the tests"
	@echo "make campaign   survive faults by the thousand: ten minutes; make campaign-long before a release"
	@echo "make check      format, lint, types, import rules, generated documents"
	@echo "make benchmark  measure, beside the limits"
	@echo "make mutation   change the engine in small ways and see that a test fails for each"
	@echo "make docs       write the generated parts of the documents"
	@echo "make format     format and mend what can be mended by itself"
	@echo "make clean      remove what the above made"

setup: $(READY)

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "hotspare needs Python 3.11 or newer and '$(PYTHON)' is not: make setup PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "'$(PYTHON)' has no venv module: on Debian and Ubuntu, apt install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@echo "installing into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check pip==26.3
	@$(BIN)/python -m pip install --quiet --editable '.[plot]' --group dev
	@rm -rf $(STUBS)
	@$(BIN)/python -m pip install --quiet --target $(STUBS) --group micropython-stubs
	@touch $(READY)

demo: $(READY)
	@$(BIN)/hotspare demo $(ARGS)

test: $(READY)
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

campaign: $(READY)
	@$(BIN)/python -m tests.campaign $(ARGS)

campaign-long: $(READY)
	@$(BIN)/python -m tests.campaign --size long $(ARGS)

benchmark: $(READY)
	@$(BIN)/python -m tests.benchmark $(ARGS)

mutation: $(READY)
	@$(BIN)/python -m tests.mutation $(ARGS)

check: check-format check-lint check-types check-firmware-types check-imports check-docs

check-format: $(READY)
	@$(BIN)/ruff format --check .

check-lint: $(READY)
	@$(BIN)/ruff check .

check-types: $(READY)
	@$(BIN)/mypy

check-firmware-types: $(READY)
	@$(BIN)/python -m tests.tools.firmware_types --stubs $(STUBS)

# The allow-list of the board side runs with the tests too; here it gives its answer without them.
check-imports: $(READY)
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m pytest -q tests/unit/test_imports.py

check-docs: $(READY)
	@$(BIN)/python -m docs.generate --check

docs: $(READY)
	@$(BIN)/python -m docs.generate

format: $(READY)
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

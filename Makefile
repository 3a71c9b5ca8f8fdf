# Everything a newcomer types. Each target sets up what it needs; a second call finds nothing to do.
.DEFAULT_GOAL := help
.PHONY: help build run ready-to-test test check bench faults lock format clean

export ONEDOOR_PORT ?= 8080
export ONEDOOR_HOME ?= $(CURDIR)/.onedoor
PYTHON ?= python3
BIN := .venv/bin

help: ## Print these lines
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

build: ## Set up only: private Python, packages, browser bundle
	@$(PYTHON) tools/setup.py run

run: build ## Set up, then serve Onedoor with demo people and flows on ONEDOOR_PORT (8080)
	@exec $(BIN)/onedoor serve --demo

ready-to-test:
	@$(PYTHON) tools/setup.py test

test: ready-to-test ## Set up, then run all tests (PYTEST_ARGS="-k name" for some)
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

check: ready-to-test ## Lint, style, types, import contracts, and the shipped flows; all of them, whatever the first finds
	@failed=0; for command in "ruff check ." "ruff format --check ." "mypy" "lint-imports --no-cache" \
	    "onedoor check examples/*.bpmn workflows/*/*.bpmn"; do \
	    echo "--- $$command"; $(BIN)/$$command || failed=1; done; exit $$failed

format: ready-to-test ## Put the Python sources into the house style
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

bench: ready-to-test ## Measure; prints ratios of one run on this machine
	@$(BIN)/python -m benchmarks

faults: ready-to-test ## Kills, crowds, clashes, a full disk: nothing is lost (about 15 minutes; FAULTS="7 8" for some)
	@$(BIN)/python -m tests.faults $(FAULTS)

lock: ready-to-test ## Pin with hashes what is asked for (LOCK_ARGS=--upgrade: the newest that fit)
	@$(BIN)/python tools/lock.py $(LOCK_ARGS)

clean: ## Remove what was made here, but not the data
	@rm -rf .venv .cache web/node_modules api/static/dist .pytest_cache .mypy_cache .ruff_cache test-results
	@find bpmn engine workflows api -name __pycache__ -prune -exec rm -rf {} +

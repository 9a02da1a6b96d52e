# Each target installs what it needs; only Python 3.11+, make and git must be there.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
WORKERS ?= auto
MINUTES ?= 5
SPACE := $(subst ,, )

# Python compiles once for all workers and commands, instead of at each start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

.PHONY: demo
demo: $(INSTALLED) ## Import real artifacts into a real PostgreSQL and show every count exact
	$(BIN)/skillmeat demo $(subst $(SPACE),\ ,$(SOURCE))

.PHONY: test
test: $(INSTALLED) ## Run the tests; POSTGRES=URL, a folder of binaries or `container` names the server
	$(if $(POSTGRES),POSTGRES='$(POSTGRES)') $(BIN)/pytest -n $(WORKERS) --dist worksteal $(TESTS)

.PHONY: prove
prove: $(INSTALLED) ## Run the exhaustive tests, every interleaving and random faults: takes hours
	$(if $(POSTGRES),POSTGRES='$(POSTGRES)') $(BIN)/pytest -n $(WORKERS) --dist worksteal -m exhaustive $(TESTS)

.PHONY: lint
lint: $(INSTALLED) ## Check style, types, imports, SQL and words
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint migrations/sql
	$(BIN)/codespell

.PHONY: format
format: $(INSTALLED) ## Format the Python code
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

.PHONY: migrate
migrate: $(INSTALLED) ## Bring the catalogue's schema up to date
	$(BIN)/skillmeat migrate up

.PHONY: render
render: $(INSTALLED) ## Render db/ into the frozen copies of REVISION=0006_name; without it, update the newest copies
	$(BIN)/python -m db.render $(REVISION)

.PHONY: revision
revision: $(if $(and $(REVISION),$(MESSAGE)),$(INSTALLED),revision-usage) ## Start a migration: REVISION=0006_name MESSAGE="What it does"
	$(BIN)/alembic revision --rev-id $(REVISION) --message "$(MESSAGE)"

.PHONY: revision-usage
revision-usage:
	@echo 'a name and a message are missing: make revision REVISION=0006_name MESSAGE="What it does"' >&2; exit 2

.PHONY: bench
bench: $(INSTALLED) ## Measure every way to read a page and to keep a count: takes minutes. OPTIONS='--artifacts 10000 --instructions'
	$(BIN)/python -m benchmarks --write build $(OPTIONS)

.PHONY: bench-full
bench-full: $(INSTALLED) ## Measure more, and write docs/explanation/benchmarks.md: takes half an hour at most
	$(BIN)/python -m benchmarks --full --write docs/explanation $(OPTIONS)

.PHONY: soak
soak: $(INSTALLED) ## Run all kinds of load and faults; check that counts stay exact and costs flat. MINUTES=5 OPTIONS='--rate 60'
	$(if $(POSTGRES),POSTGRES='$(POSTGRES)') $(BIN)/python -m benchmarks.soak $(MINUTES) $(OPTIONS)

.PHONY: docs
docs: $(INSTALLED) ## Build the documentation in build/docs/ and run its commands; a broken link or output fails
	$(BIN)/sphinx-build --quiet --fresh-env --fail-on-warning --keep-going docs build/docs
	$(BIN)/pytest -n $(WORKERS) --dist worksteal -m pages tests/docs

.PHONY: docs-reference
docs-reference: $(INSTALLED) ## Write docs/reference/ from the docstrings, the command line, the schema and OpenAPI
	$(BIN)/python -m docs.generate

.PHONY: wheel
wheel: $(INSTALLED) ## Build the wheel in dist/
	$(BIN)/pip wheel --quiet --no-deps --wheel-dir dist .

.PHONY: clean
clean: ## Remove the output of the other targets
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis

# pip knows dependency groups from 25.1 on.
$(INSTALLED): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/pip install --quiet --editable ".[api]" --group dev
	touch $@

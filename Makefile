# `make help` lists what there is. Every step leaves a stamp, so the second run does only what changed.

.DEFAULT_GOAL := help
TESTS := test-scripts test-python
LINTS := lint-style lint-types lint-imports lint-scripts lint-rules
.PHONY: help setup run check test lint hooks bench ways prove clean $(TESTS) $(LINTS)

PORT ?= 8000
PYTHON_READY := .venv/.ready
NODE_READY := node_modules/.ready
ASSETS_READY := web/static/dist/.ready
ASSETS := $(shell find web/assets -type f 2>/dev/null)
# Tests make their own settings, and keep what they compile.
PLAIN := env -u PERMANENCE_MODE -u PERMANENCE_DATABASE_URL -u PYTHONDONTWRITEBYTECODE
# Counting branches makes the tests half as slow again: .ci/run does it, `make test` by itself not.
WITH_COVERAGE := $(if $(COVERAGE),--cov --cov-report=)
# What one job says stays together where this make can see to it.
SIDE_BY_SIDE := $(MAKE) --no-print-directory --keep-going --jobs 2 \
	$(if $(filter output-sync,$(.FEATURES)),--output-sync)

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-6s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(PYTHON_READY) $(ASSETS_READY) ## install everything; the command is then .venv/bin/permanence

run: export PERMANENCE_MODE ?= training
run: export PERMANENCE_DATABASE_URL ?= sqlite:///var/permanence.sqlite
run: setup ## serve a fictional demonstration caseload at http://127.0.0.1:8000
	@mkdir -p var
	@if [ "$$PERMANENCE_DATABASE_URL" != sqlite:///var/permanence.sqlite ]; then :; \
	elif [ ! -e var/permanence.sqlite ]; then \
		.venv/bin/permanence init --demo || { rm -f var/permanence.sqlite*; exit 1; }; \
	fi
	@exec .venv/bin/permanence serve --port $(PORT)

test: $(TESTS) ## run all tests, those in a browser included; COVERAGE=1 tells what they reach

test-scripts: $(NODE_READY)
	@scripts/with_node.sh npm run --silent test

test-python: setup
	@scripts/chromium.sh >/dev/null
	@$(PLAIN) .venv/bin/pytest --numprocesses 2 --dist loadgroup $(WITH_COVERAGE) $(ARGS); \
	status=$$?; $(if $(COVERAGE),.venv/bin/python scripts/coverage_by_folder.py;) exit $$status

lint: $(LINTS) ## check style, types, scripts, templates and the direction of imports

lint-style: $(PYTHON_READY)
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .

lint-types: $(PYTHON_READY)
	.venv/bin/mypy

lint-imports: $(PYTHON_READY)
	.venv/bin/lint-imports

lint-scripts: $(NODE_READY)
	scripts/with_node.sh npm run --silent lint

# The rules that no linter states, those about templates among them.
lint-rules: $(PYTHON_READY)
	@$(PLAIN) .venv/bin/pytest --override-ini verbosity_assertions=2 tests/architecture

check: setup ## the linters, and the tests that stay in memory: in under a minute
	@began=$$(date +%s); \
	$(SIDE_BY_SIDE) $(LINTS) test-scripts && \
	$(PLAIN) .venv/bin/python -m pytest -p tests.quick --numprocesses 2 \
		--ignore tests/architecture $(ARGS) && \
	echo "make check: passed in $$(($$(date +%s) - began)) seconds"

hooks: $(PYTHON_READY) $(NODE_READY) ## let git run the linters before each commit
	@.venv/bin/pre-commit install

bench: setup ## measure, print a table, write bench.json
	@.venv/bin/python -m tests.benchmarks $(ARGS)

ways: setup ## count the files that a completion, a page, a timer goes through
	@.venv/bin/python -m tests.measures.ways $(ARGS)

prove: setup ## run the long proofs and write their dated results
	@.venv/bin/python -m tests.proofs $(ARGS)

clean: ## remove what set-up installed and built, but no data
	rm -rf .venv .tools node_modules web/static/dist

$(PYTHON_READY): uv.lock pyproject.toml
	@scripts/uv.sh sync --frozen --quiet
	@touch $@

$(NODE_READY): package-lock.json package.json .npmrc
	@scripts/with_node.sh npm ci --no-progress --loglevel=error
	@touch $@

$(ASSETS_READY): $(NODE_READY) $(ASSETS)
	@scripts/with_node.sh npm run --silent build
	@touch $@

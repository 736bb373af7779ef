# `make demo` and `make test` do everything on a machine with git, make and Python 3.11 or 3.12.

VENV := .venv
PYTHON ?= python3
# The installer, in an environment of its own so that it never mixes with the project's.
UV := .venv-uv/bin/uv
HOME_DIR := var
# As many processes as cores; they share the homes that they only read (tests/python/support/homes.py).
PYTEST := $(VENV)/bin/python -m pytest -n auto --maxprocesses 4 --dist worksteal

export PARTNER_REPORTS_HOME ?= $(HOME_DIR)

.PHONY: setup demo test test-faults test-tools soak bench lint docs messages format clean

$(UV):
	$(PYTHON) -m venv .venv-uv
	.venv-uv/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.9,<1"

# Rebuilt when the lock file changes.
$(VENV)/.ready: $(UV) uv.lock pyproject.toml
	$(UV) sync --locked --quiet --compile-bytecode --python $(PYTHON)
	@touch $@

setup: $(VENV)/.ready

demo: setup
	$(VENV)/bin/partner-reports build --landing seeds/landing
	$(VENV)/bin/partner-reports pack --from 2024-09-01 --to 2024-09-30
	$(VENV)/bin/partner-reports status
	@echo
	@echo "The workbooks are under $(PARTNER_REPORTS_HOME)/exports/, one folder per partner."

# What must pass before a commit: about five minutes on two cores (docs/testing.md).
test: setup lint
	$(PYTEST) --ignore tests/python/faults --ignore tests/python/tools

# Kills, full disks, damaged files, hostile requests, mistakes made on purpose.
test-faults: setup
	$(PYTEST) tests/python/faults

# What other programs make of our files: LibreOffice, drivers of DuckDB 1, data frames; and the
# warehouse of generated folders.
test-tools: setup
	$(UV) sync --locked --quiet --compile-bytecode --python $(PYTHON) --group bench
	$(PYTEST) tests/python/tools

# The tests that try cases, with far more of them. PARTNER_REPORTS_SOAK=5 takes five times as many,
# PARTNER_REPORTS_SEED=N repeats a run.
soak: setup
	$(UV) sync --locked --quiet --compile-bytecode --python $(PYTHON) --group bench
	PARTNER_REPORTS_SOAK=$${PARTNER_REPORTS_SOAK:-1} $(PYTEST) -m proof

# Measured beside other tools; PROFILE=full is the long one (benchmarks/README.md).
PROFILE ?= quick
bench: setup
	$(UV) sync --locked --quiet --compile-bytecode --python $(PYTHON) --group bench
	$(VENV)/bin/python benchmarks/bench.py --profile $(PROFILE)

lint: setup
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-cache >/dev/null || $(VENV)/bin/lint-imports --no-cache
	PARTNER_REPORTS_HOME=$$(mktemp -d) $(VENV)/bin/sqlfluff lint --processes 0 --disable-progress-bar models tests/identities tests/keys
	$(VENV)/bin/sqlfluff lint --processes 0 --disable-progress-bar --config exporters/sqlfluff.cfg exporters

docs: setup
	$(VENV)/bin/dbt docs generate
	@echo "Open target/index.html, or run $(VENV)/bin/dbt docs serve."

# The texts of the code into the translations, and these into what is read at run time.
messages: setup
	$(VENV)/bin/python scripts/messages.py

format: setup
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

clean:
	rm -rf target logs .mypy_cache .ruff_cache .pytest_cache .hypothesis

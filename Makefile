# Everything that people and CI run. `make serve` and `make test` need nothing installed but Python 3.11+.

PYTHON ?= python3
# Further arguments for installing torch, such as an index of CPU-only builds (README, "A lean install").
TORCH_ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
SHARED ?= ../shared
BENCH_WEB ?=

.PHONY: setup serve test lint check faults bench bench-web screenshots clean

setup: $(VENV)/.runtime

$(VENV)/.runtime: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check $(TORCH_ARGS) torch==2.13.0
	$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/.dev: $(VENV)/.runtime
	$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

serve: setup
	$(BIN)/qa-service reindex --samples --if-missing
	$(BIN)/qa-service serve

test: $(VENV)/.dev
	$(BIN)/python -m pytest --cov --cov-report=term:skip-covered

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test

# Every promise of docs/FAULTS.md in full; it takes about an hour.
faults: $(VENV)/.dev
	$(BIN)/python -m tests.faults

bench: $(VENV)/.dev
	$(BIN)/python -m tests.bench --shared $(SHARED)

# The web service under load; about 35 minutes. BENCH_WEB="--soak-minutes 1 --seconds 5" is a short look.
bench-web: $(VENV)/.dev
	$(BIN)/python -m tests.bench.web $(BENCH_WEB)

screenshots: $(VENV)/.dev
	$(BIN)/python -m tests.browser.screenshots

clean:
	rm -rf $(VENV) .data build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage

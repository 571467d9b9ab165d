# make demo  - environment, installation, and the app on its embedded default
# make test  - environment, installation, every check and every test, in as many processes as there are cores (up to 4)
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PORT   ?= 7860
PROCESSES ?= logical

.PHONY: demo test install check unit bench clean

demo: $(VENV)/.installed
	$(BIN)/workbench demo --port $(PORT)

test: check unit

install: $(VENV)/.installed

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install -q -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[dev]'
	@touch $(VENV)/.installed $@

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: $(VENV)/.installed-dev
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || \
		echo "Chromium is missing: the browser tests will be skipped. Install it with: apt-get install chromium"
	HF_HUB_OFFLINE=1 $(BIN)/python -m pytest -n $(PROCESSES) --maxprocesses 4 --dist loadfile

bench: $(VENV)/.installed-dev
	$(BIN)/python benchmarks/votes.py
	$(BIN)/python benchmarks/imports.py
	$(BIN)/python benchmarks/judges.py
	$(BIN)/python benchmarks/metrics.py
	$(BIN)/python benchmarks/api_votes.py
	$(BIN)/python benchmarks/first_token.py
	$(BIN)/python benchmarks/tabs.py
	$(BIN)/python benchmarks/ratings.py

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

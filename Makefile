# `make report` and `make test` are all a new machine needs; each makes its own environment first, without root.
# Other goals: quick (what is not slow, without docstring examples), lint, lock, audit, wheelhouse, bench, clean.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.installed-run
TEST := $(VENV)/.installed-test
PAGES := tests/html/node_modules/.installed
# Tests in as many processes as there are cores.
WORKERS ?= auto

.PHONY: report test quick lint lock audit wheelhouse bench clean
.DELETE_ON_ERROR:

report: $(RUN)
	$(BIN)/cop report --all

test: lint $(PAGES)
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

quick: $(TEST)
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest tests -n $(WORKERS) --dist loadfile -m "not slow" --hypothesis-profile quick -q -p no:anyio -p no:typeguard

lint: $(TEST)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

lock: $(TEST)
	$(BIN)/python tools/lock.py

# Known vulnerabilities of what the lock file pins; skipped with its reason where there is no network.
audit: $(TEST)
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python tools/audit.py

wheelhouse: $(TEST)
	$(BIN)/python tools/wheelhouse.py $(if $(PLATFORM),--platform $(PLATFORM)) $(if $(FOR_PYTHON),--python $(FOR_PYTHON))

bench: $(TEST)
	@for script in benchmarks/[!_]*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

clean:
	rm -rf $(VENV) wheelhouse tests/html/node_modules

# An environment is whole when its mark is written, and its mark is written last. Some systems ship Python without
# ensurepip; there the environment is made without pip and filled by the pip that came with the system.
define install
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "The workbench needs Python 3.11 or later; $(PYTHON) is $$($(PYTHON) --version 2>&1). Try: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || $(PYTHON) -m venv --clear --without-pip $(VENV)
	@echo "Installing the workbench into $(VENV) (once; a few minutes on a slow line) ..."
	@if $(BIN)/python -m pip --version >/dev/null 2>&1; then pip="$(BIN)/python -m pip"; else pip="$(PYTHON) -m pip --python $(BIN)/python"; fi; \
	  $$pip install --quiet --disable-pip-version-check --require-hashes --requirement $(1) && \
	  $$pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
endef

$(RUN): requirements.lock pyproject.toml
	$(call install,requirements.lock)

$(TEST): requirements-test.lock requirements.lock pyproject.toml
	$(call install,requirements-test.lock)
	@touch $(RUN)

# The HTML validator comes from npm. Without a network the tests that need it are skipped by name (an error in CI).
$(PAGES): tests/html/package-lock.json $(TEST)
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci --prefix tests/html --no-audit --no-fund --ignore-scripts --loglevel=error \
	  && touch $@ || echo "The HTML validator could not be installed; its tests will be skipped and say so."

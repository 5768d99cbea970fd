# Plain `make` explains the targets. Everything lives in .venv; nothing else is installed.
# Optional: PYTHON=/path/to/python3.12  JOBS=4  TEST_ARGS="tests/spec -x"  BENCH_ARGS=--quick

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test test-long check bench bench-draft fuzz lock clean \
	check-lint check-format check-types check-imports check-sizes check-generated check-migrations

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet
PYTHON ?=
JOBS ?= 2
TEST_ARGS ?=
BENCH_ARGS ?=
FUZZ_ARGS ?=
DEMO_ARGS ?=
UV ?= uv

# The third-party data lies beside a checkout, or nowhere; tests that need it skip themselves.
ifndef TOCSIN_CORPUS
ifneq ($(wildcard ../shared/data/.),)
export TOCSIN_CORPUS := $(abspath ../shared/data)
endif
endif

CODE := src scripts tests benchmarks
PIP_FAILED = { echo "Setup stopped: the locked packages could not be installed; the reason stands" \
	"above. If it is the network, run the same command again: it goes on where it stopped." >&2; exit 1; }

help: ## explain the targets
	@echo "Tocsin: whom a field safety notice concerns, why, and whom to tell."
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: $(VENV)/run.stamp ## make .venv and install Tocsin with its locked packages
	@echo "Ready: $(VENV)/bin/tocsin --help"

demo: $(VENV)/run.stamp ## run the three golden cases end to end; the results lie in out/demo
	$(VENV)/bin/tocsin demo $(DEMO_ARGS)

test: $(VENV)/dev.stamp ## run the tests (TEST_ARGS="tests/spec -x" for some of them)
	@sh scripts/install_test_packages.sh
	$(PY) -m pytest -n $(JOBS) --dist worksteal $(TEST_ARGS)

test-long: export TOCSIN_LONG := 1
test-long: test ## run the tests with the long ones; what they did is kept, so they can go on

check: check-lint check-format check-types check-imports check-sizes check-generated check-migrations ## lint, types, layers, sizes, generated pages, migrations

check-lint: $(VENV)/dev.stamp
	$(PY) -m ruff check $(CODE)

check-format: $(VENV)/dev.stamp
	$(PY) -m ruff format --check $(CODE)

check-types: $(VENV)/dev.stamp
	$(PY) -m mypy

check-imports: $(VENV)/dev.stamp
	$(VENV)/bin/lint-imports

check-sizes: $(VENV)/dev.stamp
	$(PY) scripts/check_sizes.py

check-generated: $(VENV)/dev.stamp
	@if [ -f scripts/generate_reference.py ]; then \
		echo "$(PY) scripts/generate_reference.py --check"; \
		$(PY) scripts/generate_reference.py --check; \
	else echo "Skipped: there is no scripts/generate_reference.py yet, so no page is generated."; fi

check-migrations: $(VENV)/dev.stamp
	$(PY) -m django makemigrations --check --dry-run --settings scripts.settings_for_checks --pythonpath .

# As modules, not as files: a benchmarks/signal.py must not hide Python's own `signal`.
bench: $(VENV)/dev.stamp ## run every benchmark at full size (BENCH_ARGS=--quick: a minute each)
	@set -e; for file in benchmarks/*.py; do \
		[ -f "$$file" ] || { echo "There is no benchmark in benchmarks/ yet."; exit 0; }; \
		name=$${file##*/}; [ "$$name" != __init__.py ] || continue; \
		echo "== $${name%.py}"; $(PY) -m "benchmarks.$${name%.py}" $(BENCH_ARGS); \
	done

bench-draft: $(VENV)/dev.stamp ## per form of scope text, how many drafts are read fully, partly, wrongly
	$(PY) -m benchmarks.draft $(BENCH_ARGS)

fuzz: $(VENV)/fuzz.stamp ## fuzz every reader with a million inputs (FUZZ_ARGS="--runs 20000 udi")
	$(PY) scripts/fuzz.py $(FUZZ_ARGS)

LOCK = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(LOCK_ARGS)

lock: ## resolve the lock files anew, with uv (LOCK_ARGS=--upgrade for newer versions)
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: 'pip install uv', or UV=/path/to/uv." >&2; exit 1; }
	$(LOCK) pyproject.toml -o requirements/run.txt
	$(LOCK) requirements/build.in -c requirements/run.txt -o requirements/build.txt
	$(LOCK) pyproject.toml --extra dev -c requirements/run.txt -c requirements/build.txt -o requirements/dev.txt
	$(LOCK) requirements/fuzz.in -o requirements/fuzz.txt

clean: ## remove .venv, out and every cache
	rm -rf $(VENV) out build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .schemathesis .fuzz
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps: a second call finds nothing to do.
$(VENV)/run.stamp: requirements/build.txt requirements/run.txt pyproject.toml scripts/make_venv.sh
	@PYTHON="$(PYTHON)" sh scripts/make_venv.sh $(VENV)
	@echo "Installing the locked packages (about 350 MB on disk) ..."
	@$(PIP) install --require-hashes -r requirements/build.txt -r requirements/run.txt || $(PIP_FAILED)
	@$(PIP) install --no-deps --no-build-isolation --editable . || $(PIP_FAILED)
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements/dev.txt
	@echo "Installing the locked packages for tests and checks (about 300 MB on disk) ..."
	@$(PIP) install --require-hashes -r requirements/dev.txt || $(PIP_FAILED)
	@touch $@

$(VENV)/fuzz.stamp: $(VENV)/dev.stamp requirements/fuzz.txt
	@$(PIP) install --require-hashes -r requirements/fuzz.txt || $(PIP_FAILED)
	@touch $@

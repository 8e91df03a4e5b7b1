# Two commands: `make demo` runs the main job without hardware, `make test` checks everything.
# Each prepares what it needs by itself.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint types benchmarks wheel clean

demo: .venv/prepared
	$(BIN)/trackside demo -o demo

test: .venv/prepared .venv/system-libraries
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/mypy
	$(BIN)/trackside demo -o demo >/dev/null # compiles most kernels once: no test's clock runs meanwhile
	$(BIN)/pytest --numprocesses auto --dist loadfile

benchmarks: .venv/prepared
	for benchmark in benchmarks/*.py; do echo "== $$benchmark"; $(BIN)/python $$benchmark || exit 1; done

wheel: .venv/prepared
	$(BIN)/pip wheel --no-deps --wheel-dir dist .

clean:
	rm -rf .venv dist demo .mypy_cache .pytest_cache .ruff_cache .hypothesis

.venv/prepared: pyproject.toml constraints.txt scripts/make-environment.sh
	PYTHON=$(PYTHON) sh scripts/make-environment.sh .venv
	touch $@

.venv/system-libraries: scripts/system-libraries.sh .venv/prepared
	sh scripts/system-libraries.sh
	touch $@

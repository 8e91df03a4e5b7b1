# Two commands: `make demo` runs the main job without hardware, `make test` checks everything.
# Each prepares what it needs by itself.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint types kernels benchmarks wheel clean

demo: .venv/prepared
	$(BIN)/trackside demo -o demo

test: .venv/prepared .venv/system-libraries
	$(MAKE) --jobs 2 kernels types lint
	$(BIN)/pytest --numprocesses auto --dist loadfile

# without a cache: it does not notice that an imported module moved
lint: .venv/prepared
	$(BIN)/ruff check --no-cache src tests benchmarks
	$(BIN)/ruff format --check src tests benchmarks

types: .venv/prepared
	$(BIN)/mypy

# most of them, compiled once, so that no test's clock runs meanwhile
kernels: .venv/prepared
	$(BIN)/trackside demo -o demo >/dev/null
	$(BIN)/trackside features demo/session.h5 --strides >/dev/null

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

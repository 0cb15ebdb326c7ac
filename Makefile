# demo: the main job on the seed article, from raw text to a loaded dataset.   test: all tests.
# Both set up what they need; nothing but Python 3.11 or newer, git and make has to be there first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test lint bench lock clean

demo: $(READY)
	$(BIN)/python scripts/demo.py

test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist loadfile $(TESTS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/standoff schema --check
	$(BIN)/standoff card --check

bench: $(READY)
	$(BIN)/uv pip install -q --python $(BIN)/python -r requirements/bench.txt
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m benchmarks

# Writes the locks anew from pyproject.toml. They name versions only, no place to fetch them from.
lock: $(READY)
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-emit-index-url --no-header --upgrade \
	    --extra crf --extra doccano --extra formats --extra gamma --extra openai --extra s3 --group dev -o requirements/dev.txt pyproject.toml
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-emit-index-url --no-header --upgrade \
	    -c requirements/dev.txt --group bench -o requirements/bench.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-emit-index-url --no-header --upgrade \
	    --extra spacy --group models -o requirements/models.txt pyproject.toml

clean:
	-$(BIN)/standoff doccano down --home .demo/doccano
	rm -rf $(VENV) .venv-doccano .venv-models .venv-servers .demo dist build test-artifacts

$(READY): pyproject.toml requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "standoff needs Python 3.11 or newer: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -c requirements/dev.txt uv
	$(BIN)/uv pip sync -q --python $(BIN)/python requirements/dev.txt
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $(READY)

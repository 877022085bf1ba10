# Every target makes what it needs in .venv, from any Python 3.11 or newer; the
# peers that are measured, and what builds the site, live in .venvs. Once these are there, only `wheel`
# and `miswirings` use the network.

# `python3` where it is new enough, else the newest of the named ones.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$python; exit; }; done; echo missing)
BIN := .venv/bin
BENCH := .venvs/bench/bin
DOCS := .venvs/docs/bin
FOLDER ?=
PORT ?= 8080

.DEFAULT_GOAL := help
ENVIRONMENTS := environment-demos environment-dev environment-bench environment-docs
.PHONY: help demo about-demo demo-net demo-web test check mutants docs pictures demo-pictures page-pictures format wheel bench bench-quick miswirings clean $(ENVIRONMENTS)

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: about-demo environment-demos ## verify the census pipeline with mypy, then run it (FOLDER=... to count your own code)
	@echo "1. mypy --package demos.census"
	@$(BIN)/mypy -p demos.census
	@echo "2. python -m demos.census"
	@$(BIN)/python -m demos.census $(if $(FOLDER),"$(FOLDER)")

about-demo:
	@echo "This demo takes half a minute, and the first time a minute more to make .venv. It has two steps:"
	@echo "  1. mypy checks the wiring of a pipeline. Nothing runs yet."
	@echo "  2. The pipeline reads your Python's standard library, or FOLDER, on all cores, and counts"
	@echo "     how many functions say all their types. Ctrl-C lets what is inside flow out."

demo-web: environment-demos ## serve the web demo, whose page lets you define a pipeline and run it (PORT=8080)
	@$(BIN)/python -m demos.web.server --port $(PORT)

demo-net: environment-demos ## run a graph over a broker and three workers, one of which is killed in the middle
	@$(BIN)/python -m demos.net

test: environment-dev ## set up everything, then run all that `check` runs, and the slow tests
	@$(BIN)/python tools/check.py

check: environment-dev ## format, lint, layers, four type checkers, and the tests that are not slow
	@$(BIN)/python tools/check.py -m "not slow"

mutants: environment-dev ## do the random graphs of tests/properties find faults that are put into the library?
	@$(BIN)/python tools/mutants.py

docs: environment-docs ## build the documentation as a site, in build/site
	@$(DOCS)/python -m zensical build --strict --clean
	@echo "Open build/site/index.html"

pictures: environment-dev ## make the pictures of the documentation anew
	@$(BIN)/python -m tools.pictures

demo-pictures: environment-dev ## make the pictures of the demos anew, which needs Chromium
	@$(BIN)/python -m tools.pictures.demos

page-pictures: environment-dev ## make the pictures of the page of a run anew, which needs Chromium
	@$(BIN)/python -m tools.pictures.page

format: environment-dev ## put the code into its form and mend what can be mended
	@$(BIN)/ruff check --fix --quiet || true
	@$(BIN)/ruff format

wheel: environment-dev ## build the wheel and the sdist and try them outside of this folder, on every Python here
	@$(BIN)/pytest --quiet --numprocesses=0 tests/packaging/wheel.py tests/packaging/sdist.py

bench: environment-bench ## measure against the limit, asyncio.Queue and the peers
	@$(BENCH)/python -m benchmarks

bench-quick: environment-bench ## the same in two minutes, with less certainty
	@$(BENCH)/python -m benchmarks --quick

miswirings: environment-dev ## how many wrong graphs do type checkers refuse, per library?
	@$(BIN)/python -m benchmarks.miswirings

clean: ## remove environments and caches
	rm -rf .venv .venvs .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(ENVIRONMENTS): environment-%:
	@if [ "$(PYTHON)" = missing ]; then \
		echo "typedpipes needs Python 3.11 or newer, and there is none on the PATH."; \
		echo "Name one: make PYTHON=/path/to/python3"; exit 1; fi
	@$(PYTHON) tools/environment.py $(if $(filter bench docs,$*),.venvs/$*,.venv) $*

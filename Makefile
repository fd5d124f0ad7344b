# The two commands of this project are `make audit` and `make test`; each sets up what it needs.
# Wanted: python3 >= 3.11 with its venv module. Everything else is installed into .venv, from
# constraints.txt and nothing else. Once installed, no recipe but `constraints` asks a network.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE # a compiled library loads in a third of the time
export PIP_DISABLE_PIP_VERSION_CHECK = 1

PYTHON := .venv/bin/python
READY := .venv/ready
WHOLE := .venv/whole
HEAVY := daft py4j pyspark tqdm # what the extras `spark` and `daft` alone need: most of all bytes
INSTALL := $(PYTHON) -m pip install -qq --no-compile
EXAMPLE := examples/small_carrier
AGREEMENT := examples/agreement.txt
RUN := runs/small_carrier

.PHONY: help audit test browser servers fuzz lint format constraints bench bench-large bench-dashboard clean

help: ## say what can be made
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

audit: $(READY) ## audit the example carrier and say where the answer lies
	@rm -rf $(RUN)
	@mkdir -p $(dir $(RUN))
	@code=0; $(PYTHON) -m audit run $(EXAMPLE) --agreement $(AGREEMENT) --out $(RUN) || code=$$?; \
	if [ "$$code" -ne 1 ] || [ ! -f $(RUN)/manifest.json ]; then \
	  echo "make audit: the example holds violations, so exit code 1 and a run folder were expected;" \
	    "the code was $$code." >&2; \
	  exit 70; \
	fi
	@echo
	@echo "The example carrier breaks its own agreement, as it should: these are its violations."
	@echo "What was found    $(RUN)/        (manifest.json says what each file is)"
	@echo "Look at it        .venv/bin/consent-audit dashboard $(patsubst %/,%,$(dir $(RUN)))"
	@echo "Your own export   .venv/bin/consent-audit run FOLDER --out NEW_FOLDER"

test: $(READY) ## check the style, the types, the layers, then every test
	@$(MAKE) -j2 lint $(WHOLE) # mypy looks at nothing of what is installed meanwhile
	@$(MAKE) browser servers
	@POLARS_MAX_THREADS=1 $(PYTHON) -m pytest -n 2 --dist worksteal # a thread a worker: a fifth less time

browser: ## install what the tests of the screens need: chromium and a Chinese font
	@.ci/browser

servers: ## install what tests start for themselves: PostgreSQL, MariaDB, and Java for Spark
	@.ci/servers

lint: $(READY) ## check the style, the types and the layers
	@faults=0; for check in "ruff check" "ruff format --check" mypy "lint-imports --no-logo"; do \
	  .venv/bin/$$check || faults=1; \
	done; exit "$$faults"

format: $(READY) ## lay the code out and mend what can be mended
	@$(PYTHON) -m ruff check --fix-only --quiet
	@$(PYTHON) -m ruff format

fuzz: $(READY) ## hold the engine to the reference on more seeds (SEEDS=100:200 FLOWS=250)
	@FUZZ_SEEDS=$(or $(SEEDS),100:200) FUZZ_FLOWS=$(or $(FLOWS),250) \
	  $(PYTHON) -m pytest -n 2 tests/properties/test_engine_equals_reference.py

bench: $(WHOLE) ## measure the speed on 1M flows, write docs/benchmarks.md (minutes)
	@$(PYTHON) -m tests.benchmarks.measure --date "$$(date +%F)" --flows 1M --parts whole peers

bench-large: $(WHOLE) servers ## the same to 100M flows, growth and engines (hours; FLOWS=10M PARTS="whole csv")
	@$(PYTHON) -m tests.benchmarks.measure --date "$$(date +%F)" --flows $(or $(FLOWS),1M 10M 100M) \
	  $(if $(PARTS),--parts $(PARTS)) $(if $(TIMES),--times $(TIMES))

bench-dashboard: $(READY) browser ## measure the screens, write docs/dashboard-benchmarks.md (many minutes)
	@$(PYTHON) -m tests.benchmarks.dashboard --date "$$(date +%F)"

# Daft asks for an older pyarrow than the one that reads our files; what we use of it needs none.
constraints: $(READY) ## write constraints.txt anew from pyproject.toml (UPGRADE=--upgrade: newest)
	@echo 'pyarrow>=26,<27' > .venv/overrides.txt
	@.venv/bin/uv pip compile pyproject.toml --quiet --no-config --no-progress \
	  --all-extras --universal --python-version 3.11 --fork-strategy fewest \
	  --override .venv/overrides.txt --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links \
	  --custom-compile-command "make constraints" $(UPGRADE) --output-file constraints.txt

clean: ## remove everything that was made
	rm -rf .venv runs dist tests/artefacts .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment. `ready` is written last and holds this folder's path: an environment that is
# half made, that was moved here from elsewhere, or whose python is gone, is made anew; one that is
# whole but older than constraints.txt or pyproject.toml is brought up to date.
ifneq ($(shell $(PYTHON) -c 'print(open("$(READY)").read(), end="")' 2>/dev/null),$(CURDIR))
.PHONY: $(READY)
FRESH := yes
endif

$(READY): constraints.txt pyproject.toml
	@$(if $(FRESH),.ci/new_environment .venv,rm -f $@)
	@echo "Installing what constraints.txt lists (a minute or so, once) ..."
	@.ci/without $(HEAVY) > .venv/constraints.txt
	@$(INSTALL) --require-hashes --requirement .venv/constraints.txt
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@printf '%s' "$(CURDIR)" > $@

$(WHOLE): $(READY)
	@echo "Installing Spark and Daft, which tests start (a minute or so, once) ..."
	@$(INSTALL) --require-hashes --no-deps --no-build-isolation --requirement constraints.txt
	@touch $@

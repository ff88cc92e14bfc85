# The doors. `make demo` and `make test` need Python 3.11 or newer, pip, make and git, and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# The steps of the reader that take the time. Compiled modules go before their sources: `make clean` after an edit.
COMPILED := $(addprefix monitor/extract/,$(addsuffix .py,tokens actors sections tagger verb_or_noun chunks chunker clauses verbs frames \
  governors subjects spanish numbers dates entities coref modality language triggers inflection people places hit_claims assemble \
  drafts echoes metrics partners figures figure_claims attribution confidence blocks reader reading))

.DEFAULT_GOAL := help
.PHONY: help install demo run test lint bench soak fast train lock clean

help:  ## Show this list.
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

install: $(READY)  ## Make the virtual environment from the locked dependencies.

demo: $(READY)  ## Read seeds/, tell what is new, write the digest; a second time nothing is new.
	@$(BIN)/monitor --config config.yaml demo

run: $(READY)  ## Run the daemon with config.yaml.
	@$(BIN)/monitor --config config.yaml db migrate
	@$(BIN)/monitor --config config.yaml run

test: $(READY)  ## Run the tests.
	$(BIN)/python -m pytest

lint: $(READY)  ## Check style, types and the direction of imports.
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)  ## Measure what the README claims about speed.
	@for file in benchmarks/bench_*.py benchmarks/oracle.py benchmarks/kill_delivery.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

soak: $(READY)  ## Run the daemon on 2,000 local feeds for ten minutes and watch its memory.
	$(BIN)/python benchmarks/soak_feeds.py

fast: $(READY)  ## Compile the reader (needs a C compiler): nearly twice as fast, the same claims.
	$(BIN)/mypyc $(COMPILED)

train:  ## Train the learned reader anew and put it in its place (nine epochs of up to half an hour on two cores; needs the extra `training`).
	$(PYTHON) -m venv .venv-training
	.venv-training/bin/python -m pip install --quiet --disable-pip-version-check -e '.[learned,training]'
	.venv-training/bin/python -m training.train --out var/first
	.venv-training/bin/python -m training.train --start var/first/model.pt --rate 3e-4 --out var/training
	.venv-training/bin/python -m training.train --start var/training/model.pt --rate 1.5e-4 --epochs 1 --out var/last
	.venv-training/bin/python -m training.train --start var/last/model.pt --teacher var/last/model.pt --rate 2e-4 --epochs 2 --out var/taught
	.venv-training/bin/python -m training.export var/taught/model.pt monitor/extract/learned/model --blend var/last/model.pt --share 0.5
	.venv-training/bin/python -m training.calibrate monitor/extract/learned/model benchmarks/streams/*-* --leave-out

lock:  ## Renew requirements.lock (needs uv).
	uv pip compile pyproject.toml --extra dev --extra postgres --extra learned --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --quiet --custom-compile-command "make lock" -o requirements.lock

clean:  ## Remove the environment, compiled modules and the demo's state.
	rm -rf $(VENV) var build *.so monitor/extract/*.so

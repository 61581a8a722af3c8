# make demo   the main job, with the base install      make test    the tests
# make page   the archive of the demo on a page in your browser
# make check  style, types, generated pages            make bench   what it costs, beside its peers
# make papers-smoke   every system of the papers, trained and put side by side in minutes; installs torch
#
# Each target makes its own virtual environment and installs what it needs; only Python (3.11 or
# newer), make and pip have to be there. For the CPU build of PyTorch, pass its index:
#   make test EXTRAS=dev,lab TORCH_INDEX=...    (the README says which)

PYTHON ?= $(if $(filter Windows_NT,$(OS)),python,python3)
VENV ?= .venv
EXTRAS ?= dev
TORCH_INDEX ?=
PIP_INDEX = $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))

ifeq ($(OS),Windows_NT)
  BIN = $(VENV)/Scripts
else
  BIN = $(VENV)/bin
endif

SMOKE ?= .papers-smoke
JOBS ?= auto
empty =
comma = ,
space = $(empty) $(empty)
BASE = $(VENV)/installed-base
PAGE = $(VENV)/installed-page
LAB = $(VENV)/installed-lab
FULL = $(VENV)/installed-$(subst $(comma),-,$(EXTRAS))
SETUP = $(PYTHON) tools/setup_venv.py --venv $(VENV) --constraints constraints.txt $(PIP_INDEX)

.PHONY: demo page test check bench papers-smoke clean

demo: $(BASE)
	$(BIN)/earmark demo earmark-demo

page: $(PAGE)
	$(BIN)/earmark demo earmark-demo
	$(BIN)/earmark serve --open --library earmark-demo/library

test: $(FULL)
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile

check: $(FULL)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python tools/sizes.py

bench: $(BASE)
	$(BIN)/earmark bench

papers-smoke: $(LAB)
	$(BIN)/earmark compare recipes/smoke/*.toml --against pooled --seeds 1 --results $(SMOKE)/results --runs $(SMOKE)/runs --cache $(SMOKE)/cache
	cp docs/results.md $(SMOKE)
	$(BIN)/python tools/results_docs.py --results $(SMOKE)/results --recipes recipes/smoke --out $(SMOKE)

clean:
	$(PYTHON) tools/setup_venv.py --venv $(VENV) --remove

$(BASE): pyproject.toml constraints.txt tools/setup_venv.py
	$(SETUP) --stamp $@

$(PAGE): pyproject.toml constraints.txt tools/setup_venv.py
	$(SETUP) --extras serve --stamp $@

$(LAB): pyproject.toml constraints.txt tools/setup_venv.py
	$(SETUP) --extras lab --stamp $@

$(FULL): pyproject.toml constraints.txt tools/setup_venv.py
	$(SETUP) --extras $(EXTRAS) --stamp $@

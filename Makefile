# The way through the project: `make` lists it. Needs python3 (3.11 to 3.13) and nothing else;
# everything is laid into .venv from requirements.lock, where each file is held by its hash.

PYTHON ?= python3
BIN := .venv/bin
# Articles to build the tables from, and to test against: a folder or files; not ours to ship.
ARTICLES ?=

need_articles = @test -n "$(ARTICLES)" || { echo "say where the articles are: make $@ ARTICLES=FOLDER" >&2; exit 2; }

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help figures test lab data lock bench clean

# One thread for each process: the work is spread over processes already, and a sum that is not
# split comes out the same on any number of cores.
export OMP_NUM_THREADS = 1
export OPENBLAS_NUM_THREADS = 1
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# Nobody's own settings: packages of another project, start-up files of IPython, how charts are shown.
export PYTHONNOUSERSITE = 1
export IPYTHONDIR = $(CURDIR)/.venv/ipython
unexport PYTHONPATH PYTHONHOME MPLBACKEND

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*  ## /\1	/p' $(firstword $(MAKEFILE_LIST)) | expand -t 10

figures: .venv/installed  ## every notebook anew from data/tables, and with them figures/
	$(BIN)/python -m analysis figures

# All steps run whatever the others say, and the exit status tells whether one failed.
# loadscope keeps a notebook on one worker, since each cell needs the one before. The figures
# that the notebooks save are put aside, so that a test changes nothing, and compared at the end.
# With SLOW=1 the tests of a minute each run, too.
test: .venv/installed  ## style, unit, property and documentation tests; each notebook against its outputs
	@status=0; rm -rf .pytest_cache/figures; \
	$(BIN)/python -m ruff check || status=1; \
	$(BIN)/python -m ruff format --check || status=1; \
	WORKBENCH_FIGURES=$(CURDIR)/.pytest_cache/figures \
	$(BIN)/python -m pytest -q -n 2 --dist loadscope \
	    --nbval --nbval-current-env --nbval-cell-timeout=120 \
	    tests analysis README.md notebooks || status=1; \
	diff -rq figures .pytest_cache/figures || { echo "run make figures" >&2; status=1; }; \
	exit $$status

lab: .venv/installed  ## JupyterLab on the notebooks
	$(BIN)/python -m jupyterlab --notebook-dir=notebooks

data: .venv/installed  ## data/tables anew: make data ARTICLES=FOLDER
	$(need_articles)
	$(BIN)/python -m analysis build $(ARTICLES) --out data/tables --reader close --workers 2

bench: .venv/installed  ## how long a build takes against the plain way: make bench ARTICLES=FOLDER
	$(need_articles)
	$(BIN)/python -m benchmarks $(ARTICLES)

# From the oldest Python on, whichever runs here: the lock forks where a newer one gets other versions.
lock: .venv/installed  ## requirements.lock anew from pyproject.toml
	$(BIN)/python -m pip install --quiet --only-binary :all: uv
	$(BIN)/uv pip compile --universal --generate-hashes --no-header --python-version 3.11 \
	    --extra test pyproject.toml -o requirements.lock

clean:  ## take away what make and the tools laid down; the results stay
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis *.egg-info
	find . -name __pycache__ -prune -exec rm -rf {} +
	find . -name .ipynb_checkpoints -prune -exec rm -rf {} +

# Made anew, never mended: nothing of an older lock stays. uv is five times faster; where it cannot
# be had, pip does the same from the same lock. The .pth file puts this folder on Python's path,
# for a notebook runs in notebooks/ and would not find the package.
.venv/installed: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
	    echo "$(PYTHON) is not Python 3.11, 3.12 or 3.13 ($$($(PYTHON) --version 2>&1));" \
	         "name one that is: make PYTHON=python3.12" >&2; exit 2; }
	$(PYTHON) -m venv --clear .venv
	{ $(BIN)/python -m pip install --quiet --only-binary :all: uv \
	    && $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock; } \
	    || $(BIN)/python -m pip install --require-hashes -r requirements.lock
	@$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > $@
	@echo "$(CURDIR)" > "$$(cat $@)/workbench.pth"

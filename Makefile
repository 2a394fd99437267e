# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later

# Needs GNU make, git, ssh-keygen (for ansible-test) and Python 3.10 or newer with venv; on Debian and Ubuntu:
# apt install git make openssh-client python3-venv. Everything else is installed below .nox.
# make hands PYTHON on to the tools when it is given, on the command line or in the environment: they use that one.
PYTHON ?= python3
OLD := Python 3.10 or newer is needed: name one, such as make PYTHON=python3.12 ...
# An older one cannot even read the tools.
MADE := $(PYTHON) -c 'import sys; sys.exit("$(OLD)" if sys.version_info < (3, 8) else 0)' && $(PYTHON) tools/environment.py

.DEFAULT_GOAL := help
.PHONY: help quickstart sandbox test test-all docs format clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.* ## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14
	@echo
	@echo 'All checks: make test ARGS=--list'

quickstart: ## Try the collection in a minute, against the sandbox: no account needed
	@bin="$$($(MADE) quickstart)" && exec "$$bin/python" -u tools/quickstart.py $(TARBALL)

sandbox: ## Run the stand-in server; its options in ARGS, such as ARGS="--port 8080"
	@bin="$$($(MADE) quickstart)" && exec "$$bin/python" -m tests.sandbox $(ARGS)

test: ## Prove each promise once; some checks: ARGS="-s units", one target: ARGS="-s integration -- ce_instances"
	@bin="$$($(MADE) nox)" && exec "$$bin/nox" $(ARGS)

test-all: ## With every ansible-core and Python, and all that takes long: more than an hour
	@bin="$$($(MADE) nox)" && CI=true "$$bin/nox" && exec "$$bin/nox" -t slow

docs: ## Build the documentation site, in .nox/out/site
	@bin="$$($(MADE) nox)" && exec "$$bin/nox" -s site

format: ## Put all Python files into the project's format
	@bin="$$($(MADE) nox)" && exec "$$bin/nox" -s format

clean: ## Remove everything that these commands made
	rm -rf .nox .sandbox .ruff_cache

# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later

# Needs GNU make, git, ssh-keygen (for ansible-test) and Python 3.10 or newer with venv; on Debian and Ubuntu:
# apt install git make openssh-client python3-venv. Everything else is installed in .nox.
# If you set PYTHON, on the command line or in the environment, the tools use that Python and no other.
PYTHON ?= python3
OLD := Python 3.10 or newer is needed. Name one, such as make PYTHON=python3.12 ...
# Python 3.7 and older cannot read the tools at all, so this check comes first.
MADE := $(PYTHON) -c 'import sys; sys.exit("$(OLD)" if sys.version_info < (3, 8) else 0)' && $(PYTHON) tools/environment.py

.DEFAULT_GOAL := help
.PHONY: help quickstart sandbox test test-all benchmark docs format clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.* ## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14
	@echo
	@echo 'To list all checks: make test ARGS=--list'

quickstart: ## Try the collection against a local sandbox, without an account
	@bin="$$($(MADE) quickstart)" && exec "$$bin/python" -u tools/quickstart.py $(TARBALL)

sandbox: ## Start the sandbox, which stands in for Cloud Elements; options: ARGS="--port 8080"
	@bin="$$($(MADE) quickstart)" && exec "$$bin/python" -m tests.sandbox $(ARGS)

test: ## Run the tests of a change; one check: ARGS="-s units", one target: ARGS="-s integration -- ce_instances"
	@bin="$$($(MADE) nox)" && exec "$$bin/nox" $(ARGS)

test-all: ## Run all tests, also the slow ones: fault orders, all targets on all releases (about two hours)
	@bin="$$($(MADE) nox)" && CI=true "$$bin/nox" && exec "$$bin/nox" -t slow

benchmark: ## Compare the collection with loops and bare Python; run nothing else meanwhile
	@bin="$$($(MADE) nox)" && exec "$$bin/nox" -s benchmark -- $(ARGS)

docs: ## Build the documentation site in .nox/out/site
	@bin="$$($(MADE) nox)" && exec "$$bin/nox" -s site

format: ## Format all Python files
	@bin="$$($(MADE) nox)" && exec "$$bin/nox" -s format

clean: ## Remove everything that these commands created
	rm -rf .nox .sandbox .ruff_cache

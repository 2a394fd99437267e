# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later

# Needs GNU make, git, ssh-keygen (for ansible-test) and Python 3.10 or newer with venv; on Debian and Ubuntu:
# apt install git make openssh-client python3-venv. Everything else is installed below CI_WORK, by default .work.
# make hands PYTHON on to the tools when it is given, on the command line or in the environment: they use that one.
PYTHON ?= python3
TOOLS := $(PYTHON) -u tools
LINT := ruff,mypy,yamllint,shellcheck,ansible-lint,docs,changelog,reuse,dead-code,duplicates,pinned

.DEFAULT_GOAL := help
.PHONY: help quickstart sandbox test test-deep test-matrix test-one ee benchmark benchmark-slices release-check lint docs format clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.* ## /\1\t/p' $(MAKEFILE_LIST) | expand -t 18

quickstart: ## Try the collection in a minute, against the sandbox: no account needed
	@$(TOOLS)/quickstart.py

sandbox: ## Run the stand-in server; its options in ARGS, such as ARGS="--port 8080"
	@bin="$$($(TOOLS)/envs.py quickstart)" && exec "$$bin/python" -m tests.sandbox $(ARGS)

test: ## Run every check; options in ARGS, such as ARGS="--only units,sanity" or ARGS=--list
	@$(TOOLS)/check.py $(ARGS)

test-deep: ## Let faults happen in thousands of orders, and do all that is too slow for each change; takes more than an hour
	@$(TOOLS)/check.py --deep $(ARGS)

test-matrix: ## The same with every ansible-core and on every Python that we promise
	@$(TOOLS)/check.py --matrix $(ARGS)

test-one: ## Run some unit tests within seconds: T="tests/unit/plugins/module_utils/test_plan.py -k prune"
	@bin="$$($(TOOLS)/envs.py tests)" && export AWX_COLLECTIONS="$$($(TOOLS)/awx.py)" \
		&& cd "$$($(TOOLS)/tree.py)" && PYTHONPATH=../../.. "$$bin/python" -m pytest $(T)

ee: ## Build an execution environment from this checkout, and run the quick start inside; needs podman
	@bin="$$($(TOOLS)/envs.py tests)" && exec "$$bin/python" -u tools/ee.py

benchmark: ## Measure it beside loops and the least possible; options in ARGS, such as ARGS="--sizes 1,10,100"
	@bin="$$($(TOOLS)/envs.py benchmark)" && exec "$$bin/python" -m tests.benchmark $(ARGS)

benchmark-slices: ## Measure what slices at the same time win; options in ARGS, such as ARGS="--size 200 --limit 20"
	@bin="$$($(TOOLS)/envs.py benchmark)" && exec "$$bin/python" -m tests.benchmark.slices $(ARGS)

lint: ## Run the checks that only read
	@$(TOOLS)/check.py --only $(LINT)

release-check: ## See that this checkout can be released: tarball, versions, quick start from the tarball, SBOM
	@$(TOOLS)/check.py --only build,importer,release,sbom,changelog,reuse,secrets,quickstart-release

docs: ## Build the documentation site
	@$(TOOLS)/check.py --only site

format: ## Put all Python files into the project's format
	@bin="$$($(TOOLS)/envs.py lint)" && "$$bin/ruff" check --fix --quiet . ; "$$bin/ruff" format .

clean: ## Remove everything that these commands made
	rm -rf "$${CI_WORK:-.work}" .sandbox

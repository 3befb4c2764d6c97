# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

# make, shebangs and ansible-test cannot work in a path with a space, and an installed collection (which has a
# MANIFEST.json) must not change. In these cases everything is built in the cache folder.
ifeq ($(words $(CURDIR))$(wildcard MANIFEST.json),1)
BUILD ?= $(CURDIR)/.build
else
BUILD ?= $(HOME)/.cache/frontline.entra/$(firstword $(shell pwd | cksum))
endif
ifneq ($(words $(BUILD)),1)
$(error "$(BUILD)" contains a space; give a folder without one: make BUILD=/some/folder)
endif
override BUILD := $(abspath $(BUILD))

VENV := $(BUILD)/venv
TREE := $(BUILD)/tree
COLLECTION := $(TREE)/ansible_collections/frontline/entra
IN_COLLECTION = cd $(COLLECTION) && PATH="$(VENV)/bin:$$PATH" \
	ANSIBLE_COLLECTIONS_PATH=$(TREE) ANSIBLE_CONFIG=$(COLLECTION)/tests/ansible.cfg
CHECK = $(IN_COLLECTION) python tests/tools/check.py

# The folder where make was called, also with -C: relative paths of users are in it.
FROM = $(or $(PWD),$(CURDIR))
SIMULATED = $(if $(TENANT)$(CSV),$(if $(TENANT),--tenant "$(TENANT)") $(if $(CSV),--csv "$(CSV)") \
	--port 8443 --login-port 8444 --control-port 8445 --ca authority.pem --ca-out ca.pem)

# A git hook sets these, and they would send every git command of the copy to this repository.
unexport GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE

.PHONY: help
help: ## show this help
	@awk -F ':.*## ' '/^##@ / {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

##@ Try it
.PHONY: demo
demo: tree ## run the main workflow on a simulated tenant: vault, check mode, apply, audit, retire, disable
	@$(IN_COLLECTION) PYTHONPATH=$(COLLECTION)/tests python tests/demo/run.py $(ARGS)

.PHONY: simulator
simulator: ## start a simulated tenant (TENANT=tenant.yml or CSV=users.csv); works in an installed collection too
	@sh tests/tools/environment.sh $(BUILD)/venv-simulator requirements/simulator.txt
	@cd "$(FROM)" && PYTHONPATH="$(CURDIR)/tests" PYTHONDONTWRITEBYTECODE=1 \
	exec $(BUILD)/venv-simulator/bin/python -m graph_simulator $(if $(TENANT)$(CSV)$(ARGS),$(SIMULATED) $(ARGS),--help)

.PHONY: project
project: tree ## write a repository of your own for the command line and AWX; it asks for what it needs (ARGS="-e @FILE")
	@PATH="$(VENV)/bin:$$PATH" ANSIBLE_COLLECTIONS_PATH=$(TREE) ANSIBLE_CONFIG=$(COLLECTION)/tests/ansible.cfg \
		ansible-playbook frontline.entra.new_project $(ARGS)

##@ Develop
.PHONY: setup
setup: ## create the virtual environment .venv (PY=python3.12 chooses the interpreter)
	@sh tests/tools/environment.sh $(VENV) requirements/dev.txt
	@[ -d .venv ] && [ ! -L .venv ] || ln -sfn $(VENV) .venv

.PHONY: test
test: tree importer-setup docs-setup ## run everything that CI runs
	@$(CHECK)

.PHONY: bench
bench: tree ## benchmark against other tools (ARGS="--only NAME ..." runs selected sections)
	@sh tests/tools/environment.sh $(BUILD)/venv-msgraph requirements/msgraph.txt
	@REPOSITORY="$$(pwd)"; export REPOSITORY; MSGRAPH_PYTHON=$(BUILD)/venv-msgraph/bin/python; export MSGRAPH_PYTHON; \
	$(IN_COLLECTION) PYTHONPATH=$(COLLECTION)/tests:$(TREE) python tests/benchmark/run.py $(ARGS)

.PHONY: fuzz
fuzz: tree ## run property-based tests over 10,000 random sequences (SEQUENCES=N)
	@$(IN_COLLECTION) SEQUENCES=$(or $(SEQUENCES),10000) python -m pytest -q --timeout 0 tests/integration/test_promises.py

.PHONY: matrix
matrix: tree ## run sanity, unit tests and Ansible's commands on each ansible-core (ARGS="--cores 2.16 2.21 --only sanity units")
	@$(IN_COLLECTION) python tests/tools/matrix.py $(ARGS)

# The packages of a package.json, installed again when it changes.
$(BUILD)/node-%/made-from: tests/%/package.json
	@command -v npm >/dev/null || { echo "node and npm are needed and were not found; please install them." >&2; exit 1; }
	@echo "Preparing $(notdir $(@D)) with node $$(node --version), once ..."
	@rm -rf $(@D) && mkdir -p $(@D) && cp $< $(@D)
	@npm install --prefix $(@D) --no-package-lock --no-audit --no-fund --loglevel error >/dev/null
	@touch $@

.PHONY: conformance
conformance: tree $(BUILD)/node-conformance/made-from ## check the simulator with Microsoft's SDKs and with schemathesis (needs node)
	@sh tests/tools/environment.sh $(BUILD)/venv-msgraph requirements/msgraph.txt
	@sh tests/tools/environment.sh $(BUILD)/venv-schemathesis requirements/schemathesis.txt
	@$(IN_COLLECTION) PYTHONPATH=$(COLLECTION)/tests python tests/conformance/run.py $(BUILD)

.PHONY: az
az: tree ## sign in through the real Azure CLI, as an application, a managed identity and a user
	@sh tests/tools/environment.sh $(BUILD)/venv-azurecli requirements/azurecli.txt
	@AZURE_CLI=$(BUILD)/venv-azurecli/bin; export AZURE_CLI; \
	$(IN_COLLECTION) python -m pytest -q -p integration.conftest tests/azure_cli $(ARGS)

.PHONY: browser
browser: tree $(BUILD)/node-browser/made-from ## check the HTML report in Chromium with axe-core (needs node; ARGS="--screenshots docs")
	@$(IN_COLLECTION) PYTHONPATH=$(COLLECTION)/tests:$(TREE) python tests/browser/run.py $(BUILD) \
		$(if $(findstring --screenshots,$(ARGS)),--screenshots $(abspath $(lastword $(ARGS))))

.PHONY: awx
awx: tree ## check configure_awx in a real AWX (needs a lab: AWX_LAB_TOOLS and AWX_SRC_GIT, see docs/awx.md)
	@$(IN_COLLECTION) PYTHONPATH=$(COLLECTION)/tests:$(TREE) python tests/awx/run.py $(BUILD)

.PHONY: mutants
mutants: ## run mutation tests of the decision logic (at least 90 % killed in each file)
	@sh tests/tools/environment.sh $(BUILD)/venv-mutants requirements/mutants.txt
	@$(BUILD)/venv-mutants/bin/python tests/tools/tree.py $(BUILD)/mutants/ansible_collections/frontline/entra
	@$(BUILD)/venv-mutants/bin/python tests/tools/mutants.py $(BUILD)/mutants

.PHONY: docs links docs-setup
docs: tree docs-setup ## build the documentation site, with the links in it checked
	@$(CHECK) docs
links: tree docs-setup ## check the links to other sites (needs a network)
	@$(CHECK) links
docs-setup:
	@sh tests/tools/environment.sh $(BUILD)/venv-docs requirements/docs.txt

.PHONY: tree
tree: setup ## copy the collection to .build/tree, where Ansible finds it
	@$(VENV)/bin/python tests/tools/tree.py $(COLLECTION)

.PHONY: pytest
pytest: tree ## run pytest with ARGS, such as ARGS="tests/unit -k decide"
	@$(IN_COLLECTION) python -m pytest $(ARGS)

.PHONY: units
units: tree ## run the unit tests
	@$(IN_COLLECTION) python -m pytest -q tests/unit $(ARGS)

.PHONY: lint sanity coverage simulated integration doclint
lint: tree ## run ruff, yamllint, mypy, REUSE and ansible-lint
	@$(CHECK) lint
sanity: tree ## run ansible-test sanity and units
	@$(CHECK) sanity
coverage: tree ## run the unit tests with branch coverage
	@$(CHECK) coverage
simulated: tree ## run the tests against the simulator, with Ansible's commands
	@$(CHECK) simulated
integration: tree ## run ansible-test integration
	@$(CHECK) integration
doclint: tree ## check documentation and changelog
	@$(CHECK) doclint

.PHONY: importer importer-setup
importer: tree importer-setup ## build the tarball and import it as Galaxy does
	@$(CHECK) importer
importer-setup:
	@sh tests/tools/environment.sh $(BUILD)/venv-importer requirements/importer.txt

.PHONY: release-check
release-check: setup ## build the tarball from a clean clone, install it, compare its files, and run the demo from it
	@PATH="$(VENV)/bin:$$PATH" $(VENV)/bin/python tests/tools/release.py $(BUILD)/release

.PHONY: clean
clean: ## remove everything that make created
	@rm -rf $(BUILD) .venv

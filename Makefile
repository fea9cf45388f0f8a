# Everything a developer or CI runs. `make` lists the targets.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
RUN := uv run --frozen
# Python compiles its libraries once, not in every process
unexport PYTHONDONTWRITEBYTECODE
LINK := .cache/collections/ansible_collections/groundwork/platform
# each with a cluster of its own: all CRDs at once leave the API server too little breath for the strict judge's tests
INTEGRATION := lab/test_judge.py lab/test_faults.py lab/test_lifecycle.py lab/test_crds.py faults readiness simulated site traceability
# and those whose files share nothing: two clusters, a core each
SHARED := engine systems sources
# real charts take minutes of an API server's time: on demand
CHARTS := tests/integration/sources/test_real_charts.py
# the oldest ansible-core that is supported, and the tests that touch it
OLDEST := uv run --isolated --no-project --python 3.11 --with 'ansible-core==2.17.*' --with 'kubernetes>=34,<38' \
  --with jmespath --with PyYAML --with 'pytest>=9' --with hypothesis --with boto3 --with-editable ./lab
UNIT_OLDEST := tests/unit/core tests/unit/sources tests/unit/filter tests/unit/test_contracts.py
# tests that share nothing but the machine, on both of its cores
BOTH := $(RUN) pytest --quiet --numprocesses=2
# a live cluster is not repeatable to the last: what fails is tried once more, twice a process at most, and printed whole
AGAIN := --reruns=1 --max-suite-reruns=2 --rerun-show-tracebacks
STAGES := lint unit faults integration molecule real-smoke

# $(call timed,NAME,COMMAND): runs COMMAND and prints its seconds, whether it passed or not.
timed = @start=$$SECONDS; code=0; ( $(2) ) || code=$$?; echo "== $(1): $$((SECONDS - start)) s$$([ $$code = 0 ] || echo ', failed')"; exit $$code

LINTS := lint-yaml lint-types lint-docs lint-python

.PHONY: help setup test bench bench-site demo docs certify mutants clean $(STAGES) $(LINTS)

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

setup: $(LINK) ## the Python environment, and the checkout as a collection that Ansible finds
	@uv sync --frozen --quiet --compile-bytecode

$(LINK):
	@mkdir -p $(@D) && ln -sfn ../../../.. $@

test: ## all that CI runs, in the order that fails fastest
	$(call timed,test,for stage in $(STAGES); do $(MAKE) --no-print-directory $$stage || exit 1; done)

lint: setup ## formatting, types, YAML, playbooks, documentation, changelog
	$(call timed,lint,$(MAKE) --no-print-directory --jobs=2 --output-sync $(LINTS))

lint-python:
	@$(RUN) ruff check --quiet . && $(RUN) ruff format --quiet --check . && $(RUN) mypy lab/src

lint-types:
	@MYPYPATH=.cache/collections $(RUN) mypy -p ansible_collections.groundwork.platform.plugins

lint-yaml:
	@$(RUN) yamllint --strict . && $(RUN) ansible-lint

lint-docs:
	@$(RUN) antsibull-docs lint-collection-docs --plugin-docs --skip-rstcheck . && $(RUN) antsibull-changelog lint

unit: setup ## what needs nothing but Python
	$(call timed,unit,$(BOTH) tests/unit tests/readiness && $(OLDEST) pytest --quiet $(UNIT_OLDEST))

faults: setup ## the engine against a scripted API server that misbehaves
	$(call timed,faults,$(BOTH) tests/faults)

integration: setup ## against a lab cluster's real API server
	$(call timed,integration,for tests in $(INTEGRATION); do $(RUN) pytest --quiet $(AGAIN) --ignore=$(CHARTS) tests/integration/$$tests || exit 1; done && \
	  for tests in $(SHARED); do $(BOTH) --dist=loadfile $(AGAIN) --ignore=$(CHARTS) tests/integration/$$tests || exit 1; done)

molecule: setup ## roles and the site on a lab cluster
	$(call timed,molecule,$(RUN) molecule test --all)

real-smoke: setup ## one real node with real operators
	$(call timed,real-smoke,LAB_REAL=$(if $(CI),required) $(RUN) pytest --quiet $(AGAIN) -m smoke tests/real)

certify: setup ## what is too long for every change: production timers, several real nodes, mutants of the engine
	$(call timed,certify,\
	  LAB_TIMERS=production $(RUN) pytest --quiet tests/integration/lab/test_faults.py && \
	  $(RUN) pytest --quiet $(CHARTS) tests/integration/versions && \
	  LAB_SITES=all $(RUN) pytest --quiet tests/integration/traceability && $(RUN) pytest --quiet tests/certify && \
	  LAB_REAL=required $(RUN) pytest --quiet tests/real && $(MAKE) --no-print-directory mutants)

mutants: setup ## each fault row's handling removed by one line: exactly that row's test must fail
	$(call timed,mutants,$(RUN) python tests/mutants/run.py)

bench: setup ## the engine beside kubectl, kubernetes.core and raw requests; hours in all, resumable (BENCH="--objects 100")
	cd tests && PYTHONPATH=. $(RUN) --group bench python -m bench.engine $(BENCH) && \
	  PYTHONPATH=. $(RUN) --group bench python -m bench.role && \
	  PYTHONPATH=. $(RUN) --group bench python -m bench.page

demo: setup ## the production inventory of one product rehearsed on a lab cluster, and a page about it (HOST=research_lab_prod)
	@for program in kube-apiserver kwokctl etcd kubectl; do $(RUN) lab program $$program > /dev/null; done
	$(call timed,demo,$(RUN) ansible-playbook playbooks/rehearse.yml -i inventories/production --limit $(or $(HOST),research_lab_prod))
	@echo "the page: $(CURDIR)/.cache/rehearsal/rehearsal-$(or $(HOST),research_lab_prod).html"
	@echo "the cluster stays, to look at: uv run lab status rehearse-$(subst _,-,$(or $(HOST),research_lab_prod)); end it: uv run lab down rehearse-$(subst _,-,$(or $(HOST),research_lab_prod))"

bench-site: setup ## an unchanged run of the site by role, beside the same objects through kubernetes.core (HOST=research_lab_prod)
	cd tests && PYTHONPATH=. $(RUN) python -m bench.site $(or $(HOST),research_lab_prod)

docs: setup ## the pages that are generated: readiness, traceability
	$(RUN) python tests/readiness/document.py --cases ../shared/readiness-cases/cases.jsonl
	cd tests && PYTHONPATH=.:../.cache/collections $(RUN) python -m support.traceability_page

clean: ## what a build leaves in the checkout; the lab's cache stays
	rm -rf .cache .venv groundwork-platform-*.tar.gz

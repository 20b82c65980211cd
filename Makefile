# `make` or `make help` lists what can be done.
SHELL := /bin/bash
CONFIGURATION ?= Release
DOTNET := dotnet
SOLUTION := LlmKube.Operator.sln
PUBLISHED := Operator.Benchmarks/obj/operator
TEST_PROJECTS := Operator.Tests Operator.LocalCluster.Tests Operator.Engine.Tests
# The stories of faults, which wait most of the time, run beside what keeps a core busy.
TEST_RUNS := Operator.Tests-Faults Operator.LocalCluster.Tests Operator.Engine.Tests Operator.Tests+Faults

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## Compile everything; warnings are errors
	$(DOTNET) build $(SOLUTION) -c $(CONFIGURATION) --nologo -v quiet

.PHONY: test
test: tools build ## Run all tests and print the sums (FILTER=... narrows them)
	build/test.sh $(CONFIGURATION) "$(FILTER)" $(TEST_RUNS)

FUZZ_SECONDS ?= 60

.PHONY: fuzz
fuzz: build ## Run the fuzz tests, FUZZ_SECONDS=60 each (FILTER=... narrows them)
	build/fuzz.sh $(CONFIGURATION) $(FUZZ_SECONDS) "$(FILTER)" $(TEST_PROJECTS)

.PHONY: lint
lint: ## Check formatting without changing anything
	$(DOTNET) format whitespace $(SOLUTION) --verify-no-changes
	@! git grep -nP '\t' -- '*.cs' || { echo "tabs in C# files" >&2; exit 1; }

.PHONY: generate
generate: build ## Write what is generated from the code: CRDs and RBAC to deploy/, docs/api.md, docs/metrics.md, docs/options.md, THIRD-PARTY-NOTICES
	DOTNET='$(DOTNET)' build/generate.sh $(CONFIGURATION) write

.PHONY: verify
verify: build lint ## Fail if something generated is stale, or formatting is off
	DOTNET='$(DOTNET)' build/generate.sh $(CONFIGURATION) verify

.PHONY: bench
bench: build ## Measure speed, memory and writes, as published, and write docs/benchmarks.md (BENCH='--only pairs --pairs 100' narrows it and writes no page)
	$(DOTNET) publish Operator -c $(CONFIGURATION) --os linux --self-contained false -o $(PUBLISHED) --nologo -v quiet
	$(DOTNET) Operator.Benchmarks/bin/$(CONFIGURATION)/net10.0/LlmKube.Operator.Benchmarks.dll --operator $(PUBLISHED)/LlmKube.Operator.dll $(if $(BENCH),$(BENCH),--output docs/benchmarks.md)

.PHONY: demo
demo: export MODEL := $(value MODEL)
demo: build ## Serve a model on a cluster made here and ask it (MODEL=https://...gguf, DEMO_EXIT=1, DEMO_PORT=0, DEMO_TIMEOUT=seconds)
	build/tools.sh kubectl llama-server
	@$(DOTNET) Operator.LocalCluster/bin/$(CONFIGURATION)/net10.0/LlmKube.Operator.LocalCluster.dll demo --root . \
		$${MODEL:+--model "$$MODEL"} $(if $(filter-out 0,$(DEMO_EXIT)),--exit) $(if $(DEMO_PORT),--port '$(DEMO_PORT)') $(if $(DEMO_TIMEOUT),--timeout '$(DEMO_TIMEOUT)')

.PHONY: pictures
pictures: tools build ## Record some minutes of a monitored cluster and plot what the dashboards show of them (needs python3)
	DASHBOARD_RECORDING=$(CURDIR)/TestResults/dashboards.json $(DOTNET) test Operator.Tests -c $(CONFIGURATION) --no-build --nologo --filter "FullyQualifiedName~DashboardRecording"
	build/plot-dashboards.py TestResults/dashboards.json deploy/monitoring/dashboards docs/images

.PHONY: run
run: build ## Run the operator alone against the current kube context (ARGS=... are its flags)
	$(DOTNET) Operator/bin/$(CONFIGURATION)/net10.0/LlmKube.Operator.dll $(ARGS)

PLUGIN ?= .plugin

.PHONY: plugin
plugin: ## Put kubectl-llmkube, the plugin of kubectl, into PLUGIN=.plugin
	$(DOTNET) publish Operator -c $(CONFIGURATION) -o $(PLUGIN)/lib --nologo -v quiet
	install -m 755 build/kubectl-llmkube $(PLUGIN)/kubectl-llmkube

CLI = $(DOTNET) Operator.Cli/bin/$(CONFIGURATION)/net10.0/LlmKube.Operator.Cli.dll
ENTITIES = Operator.Entities/bin/$(CONFIGURATION)/net10.0/LlmKube.Operator.Entities.dll

.PHONY: install
install: build ## Put the CRDs into the cluster of the current kube context (ARGS=... are flags)
	$(CLI) install $(ENTITIES) $(ARGS)

.PHONY: uninstall
uninstall: build ## Take the CRDs out of it; refuses while there are objects of them (ARGS=--force)
	$(CLI) uninstall $(ENTITIES) $(ARGS)

.PHONY: deploy
deploy: ## Put the operator into it, with IMG=registry/name:tag (OVERLAY=default, dev, monitoring, single-namespace, air-gapped or your own)
	@build/tools.sh kubectl
	@OVERLAY='$(OVERLAY)' IMG='$(IMG)' build/deploy.sh deploy

.PHONY: undeploy
undeploy: build ## Take objects, operator and CRDs out of it, in this order; refuses while there are objects (ARGS=--force)
	@build/tools.sh kubectl
	@OVERLAY='$(OVERLAY)' CLI='$(CLI)' ENTITIES='$(ENTITIES)' build/deploy.sh undeploy $(ARGS)

.PHONY: try-image
try-image: build ## Publish what the Dockerfile publishes, for both architectures, and try it (needs root for mounts; no container engine)
	LLMKUBE_TEST_IMAGE=1 $(DOTNET) test Operator.Tests -c $(CONFIGURATION) --no-build --nologo --filter "FullyQualifiedName~ImageTests"

.PHONY: tools
tools: ## Get the programs that tests and demo need and the machine lacks into .tools/
	build/tools.sh

.PHONY: clean
clean: ## Remove what the build and the tests made (not .tools/)
	rm -rf Operator*/bin Operator*/obj obj TestResults

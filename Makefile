# Perennial. `make dev` needs only Go; `make test` installs what tests need.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

GO ?= go
LINT = $(GO) tool -modfile=tools/go.mod golangci-lint
FUZZTIME ?= 20s
BENCH ?= .
STATES ?= 5000000
DEMO ?=
DEV ?=
LAUNCHES ?= 10000000
STARTS ?= 20
SEEDS ?= 5000
SOAK ?= 3m

# Tests here start goroutines or share state; the race detector costs too much
# time to spend on the others. In the packages of the two APIs a test that sends
# requests at the same time has Race in its name.
RACY = $(addsuffix /...,$(addprefix ./,$(wildcard device internal/server internal/ratelimit \
	internal/password internal/notify internal/session)))

.PHONY: help build libperennial dev demo test unit race lint tail format vet tidy vuln tools expo compat gallery record coldstart bench fuzz model sim soak cross verify clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

build: ## build bin/perennial
	@mkdir -p bin
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o bin/perennial ./cmd/perennial

libperennial: ## build bin/libperennial.so with bin/perennial.h, for other languages
	@mkdir -p bin
	$(GO) build -buildmode=c-shared -trimpath -o bin/libperennial.so ./device/bindings/libperennial
	@rm -f bin/libperennial.h
	@cp device/bindings/libperennial/perennial.h bin/

dev: build ## start the server on the embedded default (arguments in DEV)
	bin/perennial dev $(DEV)

demo: build ## kill and relaunch a signed-in device under faults (arguments in DEMO)
	bin/perennial demo $(DEMO)

test: tools format tidy vet lint vuln unit race expo compat ## install what tests need, then run everything

tools: ## install what the tests need (Debian packages, npm packages)
	@scripts/install-test-tools

format:
	@echo "==> gofmt"
	@unformatted=$$(git ls-files -co --exclude-standard '*.go' | xargs -r ls -d 2>/dev/null | xargs -r gofmt -l); \
	if [ -n "$$unformatted" ]; then echo "not formatted, run gofmt -w on:" >&2; echo "$$unformatted" >&2; exit 1; fi

vet:
	@echo "==> go vet"
	@$(GO) vet ./...

lint: ## golangci-lint, and the largest pieces of the code
	@echo "==> golangci-lint"
	@$(LINT) run ./...
	@cd compat/goserver && $(GO) tool -modfile=../../tools/go.mod golangci-lint run ./...
	@$(MAKE) tail

tail:
	@$(GO) test -count=1 -run '^TestTail$$' -v ./internal/archtest | sed -n 's/^ *[a-z_]*.go:[0-9]*: //p'

tidy: ## fail when a go.mod or go.sum is not what go mod tidy makes
	@echo "==> go mod tidy"
	@$(GO) mod tidy -diff
	@cd compat/goserver && $(GO) mod tidy -diff

vuln:
	@echo "==> govulncheck"
	@scripts/check-vulnerabilities

unit: ## every test of the main module
	@echo "==> go test"
	@$(GO) test -timeout 30m ./...

race: ## the concurrent packages again, under the race detector
	@echo "==> go test -race"
	@$(GO) test -race -short -timeout 30m $(RACY)
	@$(GO) test -race -short -timeout 30m -run 'Race|Webhook' ./internal/frontendapi ./internal/backendapi

expo: ## type-check, test and build bindings/expo
	@echo "==> bindings/expo"
	@cd bindings/expo && npm test --silent && npm run build --silent

compat: build libperennial expo ## the published SDKs against a running server
	@echo "==> published SDKs"
	@scripts/run-compat

gallery: build ## take pictures of the hosted pages, and make docs/gallery.md of them
	@folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	PERENNIAL_SCREENSHOTS="$$folder" node --test --test-reporter=dot compat/hosted/pages.test.mjs; \
	node compat/hosted/gallery.mjs "$$folder"

record: build libperennial expo ## as compat, and refresh the exchanges in wire/testdata
	@PERENNIAL_RECORD=1 scripts/run-compat

coldstart: build libperennial expo ## the long run of the published Expo SDK's cold starts, and docs/cold-start-table.md
	@node compat/expo/coldstart.mjs --repetitions $(STARTS) --table docs/cold-start-table.md

bench: ## benchmarks, each as a ratio to its limit (BENCH selects)
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem ./...

fuzz: ## every fuzz target for FUZZTIME each
	@scripts/fuzz-all $(FUZZTIME)

model: ## the long run of the device model checker, to STATES states
	PERENNIAL_MODEL_STATES=$(STATES) $(GO) test -count=1 -timeout 60m -run 'TestModel$$' -v ./device/core

sim: ## the long run of the simulation (LAUNCHES of the core alone, SEEDS with the whole server)
	PERENNIAL_SIM_LAUNCHES=$(LAUNCHES) PERENNIAL_SIM_SEEDS=$(SEEDS) $(GO) test -count=1 -timeout 120m -run 'CoreAlone|Whole|ThroughTheShell' -v ./sim

soak: ## real processes over one folder, tortured for SOAK
	PERENNIAL_SOAK=$(SOAK) $(GO) test -count=1 -timeout 60m -v ./conformance/processes
	PERENNIAL_SOAK=$(SOAK) $(GO) test -count=1 -timeout 60m -run 'ManyProcesses' -v ./cmd/perennial

cross: ## compile and vet the device for the systems that no test runs on
	@for system in darwin windows freebsd; do echo "==> $$system"; \
	GOOS=$$system CGO_ENABLED=0 $(GO) vet ./device ./device/core ./device/shell ./device/transport ./device/sharedtoken ./device/vault/...; done

verify: test cross fuzz ## what a release passes

clean: ## remove what was built
	rm -rf bin compat/node_modules device/bindings/testdata/node/node_modules compat/expo/node_modules
	rm -rf $(addprefix bindings/expo/,node_modules build build-test)

# Allclear: `make help` lists the targets.
SHELL        := /bin/bash
.SHELLFLAGS  := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS    += --no-print-directory

GO       ?= go
P        ?= 2   # packages tested at the same time
FUZZTIME ?= 10s
# Compilers and tests are short-lived: they collect garbage less often.
ROOMY    := GOGC=400
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

# One static binary: no cgo, no paths of the build machine. Everything but the race detector,
# which needs cgo, is compiled this way, so that no package is compiled twice.
export CGO_ENABLED := 0
export GOFLAGS     := $(strip $(GOFLAGS) -trimpath)
TEST     := $(GO) test -vet=off # lint vets
# A race is reported when it happens: no program need wait a second at its end for more.
# SQLite's engine, translated from C, works on memory of its own that the detector does not
# follow; left as it is, tests take half the time. Everything around it is instrumented.
RACE     := CGO_ENABLED=1 GORACE=atexit_sleep_ms=50 $(GO) test -vet=off -race -gcflags=modernc.org/sqlite/lib=-race=false
BUILD    := $(GO) build -ldflags "-s -w -X main.version=$(VERSION)"
GO_SRC   := $(shell find cmd internal procedures -type f -not -path '*/console/dist/*' 2>/dev/null)
WEB_SRC  := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' 2>/dev/null)
CONSOLE  := internal/edge/console/dist
LINTER   := bin/golangci-lint
WEB_BIN  := web/node_modules/.bin
# Packages with their own step below run there and not twice. The domain starts no goroutine
# (archtest), so that the race detector has nothing to see in it.
RACING   = $$($(GO) list ./... | grep -vE '/internal/domain/|/test/(sim|e2e|load|upgrade)(/|$$)')
PLAIN    = ./internal/domain/... ./internal/flow/comms ./internal/edge/api ./test/story/...

.PHONY: help
help: ## this list
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

## --- run ---------------------------------------------------------------

.PHONY: run
run: build ## build and start with demo data; prints a sign-in and a curl line
	bin/allclear serve --demo --data ./data

.PHONY: build
build: bin/allclear ## bin/allclear with the console inside

bin/allclear: $(GO_SRC) $(CONSOLE)/index.html go.mod go.sum
	@mkdir -p bin
	$(BUILD) -o $@ ./cmd/allclear

.PHONY: web
web: $(CONSOLE)/index.html ## build the console

# vite writes web/dist; the binary embeds a copy, so that Go embeds from its own package.
$(CONSOLE)/index.html: $(WEB_SRC) web/node_modules/.stamp
	npm --prefix web run build
	find $(CONSOLE) -mindepth 1 -not -name .keep -delete
	cp -R web/dist/. $(CONSOLE)/
	@touch $@

web/node_modules/.stamp: web/package.json web/package-lock.json
	npm --prefix web ci --no-audit --no-fund
	@touch $@

## --- check -------------------------------------------------------------

.PHONY: check
check: lint archtest web-check ## format, lint, architecture, types: under a minute when warm

.PHONY: lint
lint: $(LINTER) ## format, vet and the other linters of .golangci.yml
	$(LINTER) run ./...

# Built from a pinned module of its own, so that its dependencies stay out of ours.
$(LINTER): tools/go.mod tools/go.sum
	@mkdir -p bin
	$(GO) -C tools build -o ../$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

.PHONY: format
format: $(LINTER) ## rewrite Go files the way check wants them
	$(LINTER) fmt ./...

.PHONY: archtest
archtest: ## layers, sizes, forbidden calls, reasons for dependencies
	$(GO) test -count=1 ./internal/archtest/...

.PHONY: web-check
web-check: web/node_modules/.stamp ## TypeScript types and lint of the console
	$(WEB_BIN)/tsc --noEmit --project web
	$(WEB_BIN)/tsc --noEmit --project web/tsconfig.worker.json
	cd web && node_modules/.bin/oxlint --deny-warnings src

## --- test --------------------------------------------------------------

.PHONY: test
test: ## everything, as CI runs it (about 40 minutes on 2 cores in a fresh clone)
	@./scripts/test-all

.PHONY: preflight
preflight: ## install what the tests need, or say what is missing
	@./scripts/preflight

.PHONY: test-web
test-web: web/node_modules/.stamp ## unit tests of the console
	cd web && node_modules/.bin/vitest run

.PHONY: test-go
test-go: ## Go tests with the race detector on SQLite and PostgreSQL; stories and the interface on SQLite with it, on PostgreSQL without; the domain without
	$(ROOMY) $(RACE) -p $(P) -timeout 40m $(RACING)
	$(ROOMY) ALLCLEAR_TEST_SQLITE_DONE=1 $(TEST) -p $(P) -timeout 20m $(PLAIN)

.PHONY: test-sim
test-sim: ## seeded simulation with crashes: 10,000 seeds and the planted bugs; 200 seeds under the race detector
	$(ROOMY) $(TEST) -tags planted -count=1 -timeout 30m ./test/sim/... -args -sim.seeds=10000
	$(ROOMY) $(RACE) -count=1 -timeout 15m -run TestSeeds ./test/sim/... -args -sim.seeds=200

.PHONY: test-e2e
test-e2e: build ## the real binary, kill -9, and a real browser
	$(TEST) -count=1 -timeout 45m ./test/e2e/...

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME each
	@GO="$(GO)" ./scripts/fuzz $(FUZZTIME)

## --- measure -----------------------------------------------------------

.PHONY: bench
bench: build ## the performance figures, side by side with a bare loop
	$(GO) run ./test/load bench

.PHONY: score
score: build ## all figures, into score.json
	$(GO) run ./test/load score

## --- generated files ----------------------------------------------------

.PHONY: generate
generate: web/node_modules/.stamp ## OpenAPI document, client types, procedure schema, conformance page
	$(GO) generate ./...
	npm --prefix web run generate

.PHONY: verify-generated
verify-generated: ## regenerate, and fail when a committed file was stale
	@./scripts/verify-generated

.PHONY: clean
clean: ## remove what was built; data stays
	rm -rf bin web/dist web/node_modules
	find $(CONSOLE) -mindepth 1 -not -name .keep -delete

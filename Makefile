# Allclear: `make help` lists the targets.
GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
PGBIN   := $(firstword $(wildcard /usr/lib/postgresql/*/bin))

.PHONY: help
help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: preflight
preflight: ## install what the tests need, or say what is missing
	@./scripts/preflight

.PHONY: check
check: ## format, vet, architecture rules
	@test -z "$$(gofmt -l cmd internal test 2>/dev/null | tee /dev/stderr)" || { echo "run gofmt -w on the files above"; exit 1; }
	$(GO) vet ./...
	@if [ -d internal/archtest ]; then $(GO) test -count=1 ./internal/archtest/...; fi

.PHONY: test
test: preflight check ## everything, as CI runs it
	$(GO) test -race -timeout 15m ./...

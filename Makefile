# Two commands matter: `make run` and `make test`. Both set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help run test abuse check format generate gateway lock bench clean

help: ## Show this help.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

$(READY): requirements.lock pyproject.toml cli/pyproject.toml clients/python/pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, not " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable clients/python --editable .
	# Last: when pip replaces a server that contained `coupons`, it removes that program.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable cli
	touch $(READY)

run: $(READY) ## Start PostgreSQL and the service, with a demo tenant.
	@exec $(BIN)/coupons dev

# Builds in other languages take all of the machine, which tests of races and outages do not like.
BUILDING := tests/languages tests/conformance tests/rest

test: $(READY) ## Run every test.
	# Both halves run, whatever comes of the first.
	outcome=0; \
	$(BIN)/python -m pytest -n 2 --dist worksteal $(BUILDING:%=--ignore=%) || outcome=1; \
	$(BIN)/python -m pytest -n 2 --dist worksteal $(BUILDING) || outcome=1; \
	exit $$outcome

abuse: $(READY) ## Attack the service at a larger scale, and print what it costs.
	COUPONS_TEST_ABUSE=10 $(BIN)/python -m pytest tests/abuse

check: $(READY) ## Formatter, linter, types, import layers, contract, generated code, migrations.
	PATH="$(CURDIR)/$(BIN):$$PATH" scripts/check

format: $(READY) ## Format Python and proto files.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/buf format --write

generate: $(READY) ## Regenerate what is made from the proto files and the settings (wants Go, Node, Java).
	npm --prefix clients/typescript ci --silent
	# What no proto file makes any more shall not stay.
	rm -rf clients/java/src/generated clients/typescript/src/gen gateway/internal/transcoding
	PATH="$(CURDIR)/$(BIN):$$PATH" buf generate
	PATH="$(CURDIR)/$(BIN):$$PATH" buf generate --template buf.gen.validate.yaml
	PATH="$(CURDIR)/$(BIN):$$PATH" buf generate --template buf.gen.server.yaml
	PATH="$(CURDIR)/$(BIN):$$PATH" python -m scripts.openapi gateway/internal/reference/openapi.json
	PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix clients/typescript run --silent generate
	PATH="$(CURDIR)/$(BIN):$$PATH" python scripts/render_api_reference.py docs/api.md
	PATH="$(CURDIR)/$(BIN):$$PATH" python scripts/render_settings.py docs/operations.md

gateway: ## Build the REST gateway, a static binary, with Go.
	cd gateway && CGO_ENABLED=0 go build -trimpath -o build/coupons-gateway ./cmd/coupons-gateway

lock: $(READY) ## Resolve requirements.lock anew.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --quiet --custom-compile-command "make lock" --universal --generate-hashes --no-emit-index-url --no-annotate \
		--python-version 3.11 --no-emit-package phoenix-coupons-client --no-emit-package phoenix-coupons-cli \
		--extra dev --extra embedded --output-file requirements.lock \
		pyproject.toml cli/pyproject.toml clients/python/pyproject.toml

bench: $(READY) ## Measure redemptions and events per second, a long generation, and what they compare with.
	$(BIN)/python -m bench

clean: ## Remove everything that was set up, the development database too.
	rm -rf $(VENV) .coupons .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .ci-cache
	rm -rf gateway/build clients/go/build clients/java/target
	rm -rf clients/typescript/node_modules clients/typescript/build clients/typescript/dist

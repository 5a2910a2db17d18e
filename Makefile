# Resguardo. `make help` lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help

.PHONY: help build test scripts servers demo format

SCRIPTS := bin/admin bin/agent bin/coordinator bin/fetch-worker bin/standalone infra/servers/minio infra/servers/rabbitmq \
  infra/demo/demo $(wildcard infra/tests/*.sh) .ci/run

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## Compile and package everything, without tests
	./mvnw -q -B package -DskipTests

test: servers scripts ## Check the format, compile, and run every test, on a real RabbitMQ and a real MinIO
	infra/tests/servers_test.sh
	RESGUARDO_SERVERS_DIR="$(CURDIR)/infra/servers" ./mvnw -B -Pformat verify
	infra/tests/demo_test.sh

scripts: ## Lint the shell scripts, where shellcheck is installed
	@if command -v shellcheck > /dev/null; then shellcheck -x $(SCRIPTS) && echo "shellcheck: no complaints"; \
	else echo "shellcheck is not installed: the scripts are not linted"; fi

servers: ## Find or install the servers that the tests start
	infra/servers/rabbitmq install
	infra/servers/minio install

demo: ## Show it all in a minute, on a JDK alone (DIR=/some/folder: with your own data)
	@infra/demo/demo $(if $(DIR),"$(DIR)")

format: ## Bring the Java sources into the project's format
	./mvnw -q -B com.diffplug.spotless:spotless-maven-plugin:apply

# Resguardo. `make help` lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help

.PHONY: help build test format

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## Compile and package everything, without tests
	./mvnw -q -B package -DskipTests

test: ## Check the format, compile, and run every test
	./mvnw -B -Pformat verify

format: ## Bring the Java sources into the project's format
	./mvnw -q -B com.diffplug.spotless:spotless-maven-plugin:apply

# Resguardo. `make help` lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# What infra/run is given. By value, so that a $ in it stays one; through the environment, so that spaces and quotes do.
# PATH counts only where it was given to make: it is the path to query then, and no longer where programs are found.
export RESGUARDO_MAKE_NODE = $(value NODE)
export RESGUARDO_MAKE_PORT = $(value PORT)
export RESGUARDO_MAKE_NODE_PATH = $(value NODE_PATH)
export RESGUARDO_MAKE_FREQ = $(value FREQ)
export RESGUARDO_MAKE_SAVE_TO_FILE = $(value SAVE_TO_FILE)
export RESGUARDO_MAKE_N = $(value N)
export RESGUARDO_MAKE_PATH = $(if $(filter command,$(firstword $(origin PATH))),$(value PATH))
export RESGUARDO_MAKE_DIR = $(CURDIR)

.PHONY: help build test test-rabbitmq4 soak simulate crowd overview sbom reproducible packages scripts servers demo bench format site

SCRIPTS := bin/admin bin/agent bin/console bin/coordinator bin/fetch-worker bin/retention bin/quick-start bin/standalone bin/transfer infra/servers/minio infra/servers/rabbitmq \
  infra/servers/tools infra/servers/kubernetes infra/servers/test-ca infra/classes/record infra/build/reproducible infra/package/boot infra/package/build infra/package/try infra/monitoring/minio-token infra/demo/demo infra/run infra/creator/creator infra/env/make-env $(wildcard infra/tests/*.sh) .ci/run

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-22s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## Compile and package everything, without tests
	./mvnw -q -B package -DskipTests -Dresguardo.commit="$$(git describe --always --dirty --abbrev=12 --exclude='*' 2> /dev/null)"

test: servers scripts ## Check the format, compile, and run every test, on a real RabbitMQ and a real MinIO
	infra/tests/servers_test.sh
	infra/tests/monitoring_test.sh
	infra/tests/kubernetes_test.sh
	infra/tests/bench_test.sh
	RESGUARDO_SERVERS_DIR="$(CURDIR)/infra/servers" ./mvnw -B -Pformat verify
	infra/tests/launch_test.sh
	infra/tests/demo_test.sh
	infra/tests/make_targets_test.sh

# The tests that a broker has the most to do with; all others run on the RabbitMQ of this Debian.
test-rabbitmq4: ## Run the tests of the broker, and of what is killed, leads and goes wrong, on RabbitMQ 4 (as root)
	RESGUARDO_RABBITMQ=4 infra/servers/rabbitmq install
	RESGUARDO_RABBITMQ=4 RESGUARDO_SERVERS_DIR="$(CURDIR)/infra/servers" ./mvnw -B -pl infra/rabbit,system-tests -am verify \
	  -Dtest='Rabbit*Test,NodeUsersTest,OperatorUsersTest,RoleUsersTest,ClusterTest,ConsumerTimeoutTest,KillTest,LeadTest,NetworkTest,PoisonTest,TlsPipelineTest' -Dsurefire.failIfNoSpecifiedTests=false

# KILLS=false shows what all of it holds, and the memory that it takes; EVERY= has backups due more often, in seconds.
soak: servers ## Kill at random whatever runs while files change, and compare all: MINUTES= REGISTRATIONS= [SEED=] [KILLS=false] [EVERY=]
	RESGUARDO_REQUIRE_REAL=1 RESGUARDO_SERVERS_DIR="$(CURDIR)/infra/servers" ./mvnw -B -pl system-tests -am verify \
	  -Dtest=SoakTest -Dsurefire.failIfNoSpecifiedTests=false -Dresguardo.soak.minutes="$(or $(MINUTES),30)" \
	  -Dresguardo.soak.registrations="$(or $(REGISTRATIONS),200)" $(if $(SEED),-Dresguardo.soak.seed="$(SEED)") \
	  $(if $(KILLS),-Dresguardo.soak.kills="$(KILLS)") $(if $(EVERY),-Dresguardo.soak.every="$(EVERY)")

# Each time other seeds; a run that went wrong is had again by its own.
simulate: ## Run the roles on a simulated broker, store, disk and clock, as seeds decide: RUNS= [SEED=]
	./mvnw -B -pl system-tests -am verify -Dtest=SimulationTest -Dsurefire.failIfNoSpecifiedTests=false \
	  $(if $(SEED),-Dresguardo.simulation.seed="$(SEED)",-Dresguardo.simulation.runs="$(or $(RUNS),1500)" -Dresguardo.simulation.first="$$(date +%s)000")

crowd: servers ## Connect many agents at once and back all up: AGENTS= REGISTRATIONS=; prints what each role takes
	RESGUARDO_REQUIRE_REAL=1 RESGUARDO_RABBITMQ_MEMORY=6GB RESGUARDO_SERVERS_DIR="$(CURDIR)/infra/servers" ./mvnw -B -pl system-tests -am verify \
	  -Dtest=CrowdTest -Dsurefire.failIfNoSpecifiedTests=false -Dresguardo.crowd.agents="$(or $(AGENTS),1000)" \
	  -Dresguardo.crowd.registrations="$(or $(REGISTRATIONS),2000)"

overview: servers ## Time the console's pages with many registrations: REGISTRATIONS=; prints ms
	RESGUARDO_REQUIRE_REAL=1 RESGUARDO_SERVERS_DIR="$(CURDIR)/infra/servers" ./mvnw -B -pl system-tests -am verify \
	  -Dtest=ConsoleManyTest -Dsurefire.failIfNoSpecifiedTests=false -Dresguardo.console.registrations="$(or $(REGISTRATIONS),10000)"

sbom: ## Write target/bom.json: all that the programs bring with them (CycloneDX)
	./mvnw -q -B package -DskipTests org.cyclonedx:cyclonedx-maven-plugin:makeAggregateBom
	@echo "target/bom.json: $$(grep -c '"bom-ref"' target/bom.json) parts"

site: ## Write the documentation as a site into target/site; no network is needed to read it
	./mvnw -q -B -pl site package -DskipTests
	@java -cp "site/target/lib/*:site/target/classes" resguardo.site.Main . target/site

packages: ## Build Debian packages with systemd services into target/packages
	infra/package/build

reproducible: ## Build what is committed twice, and compare the jars byte for byte
	infra/build/reproducible

scripts: ## Lint the shell scripts, where shellcheck is installed
	@if command -v shellcheck > /dev/null; then shellcheck -x $(SCRIPTS) && echo "shellcheck: no complaints"; \
	else echo "shellcheck is not installed: the scripts are not linted"; fi

servers: ## Find or install the servers that the tests start
	infra/servers/rabbitmq install
	infra/servers/minio install
	infra/servers/tools install
	infra/servers/kubernetes install
	@echo "servers: $$(infra/servers/rabbitmq version), $$(infra/servers/minio version), $$(infra/servers/tools version)"

docker-compose-up: ## Start RabbitMQ, MinIO, coordinator, worker, retention and logger
docker-compose-down: ## Stop all of them, and clients and creators
docker-compose-logs: ## Show what everyone does, live
console: ## Serve the web console, and print the address that lets in: [PORT=]
new-client: ## Start an agent: NODE= [PORT=]
new-content-creator: ## Start one that writes a line a second to a/file1.txt
init-content-creators: ## Start ten of them, each with a file of its own
kill-content-creators: ## Stop them
admin-register-node: ## Back a path up: NODE= NODE_PATH= FREQ= [PORT=]
admin-unregister-node: ## Back it up no more: NODE= NODE_PATH=
init-nodes: ## Start eight agents and register a folder of each
admin-query-node: ## Save the latest version: NODE= PATH= (or NODE_PATH=) SAVE_TO_FILE=
admin-shutdown: ## Stop every process of Resguardo
scale-workers: ## Have so many workers run: N=

TARGETS := docker-compose-up docker-compose-down docker-compose-logs console new-client new-content-creator init-content-creators \
  kill-content-creators admin-register-node admin-unregister-node init-nodes admin-query-node admin-shutdown scale-workers
.PHONY: $(TARGETS)
$(TARGETS):
	@/bin/bash infra/run $@

demo: ## Show it all in a minute, on a JDK alone (DIR=/some/folder: with your own data)
	@infra/demo/demo $(if $(DIR),"$(DIR)")

bench: build ## Time it beside restic, borg and tar, and write docs/benchmarks.md and docs/sizing.md (PARTS="tree small large": only these)
	@for tool in restic borg pigz; do command -v $$tool > /dev/null || \
	  { echo "Failed to bench: there is no $$tool. Install it: apt-get install restic borgbackup pigz" >&2; exit 1; }; done
	bench/run $(PARTS)

format: ## Bring the Java sources into the project's format
	./mvnw -q -B com.diffplug.spotless:spotless-maven-plugin:apply

#!/usr/bin/env bash
# The alerts can be read, and say of made-up figures what they should. Needs promtool, and says so where it is not.
set -euo pipefail
cd "$(dirname "$0")/../monitoring"
if ! command -v promtool > /dev/null; then
  echo "monitoring: promtool is not installed, the alerts are not checked"
  exit 0
fi
promtool check config prometheus.yml
promtool test rules alerts_test.yml

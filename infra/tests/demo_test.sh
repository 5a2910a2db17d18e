#!/usr/bin/env bash
# The demo tells its story to the end, on its own and with a folder of the user's, and leaves nothing behind.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work/tmp"
mkdir -p "$TMPDIR" "$work/own data 1-2/sub"
echo mine > "$work/own data 1-2/sub/file"
passed=0
check() { if "${@:2}"; then passed=$((passed + 1)); else printf 'failed: %s\n' "$1" >&2; exit 1; fi; }
tells() { grep -q "$2" "$work/$1" || { cat "$work/$1" >&2; return 1; }; }

infra/demo/demo > "$work/first" 2>&1 || { cat "$work/first" >&2; exit 1; }
check "it compares what came back" tells first '^Equal:'
check "it shows what each worker did" tells first '^worker-3 '
check "it comes to its end" tells first '^Done:'
infra/demo/demo "$work/own data 1-2" > "$work/second" 2>&1 || { cat "$work/second" >&2; exit 1; }
check "it takes the user's own folder" tells second 'own data 1-2/sub/file'
check "it compares that too" tells second '^Equal:'
check "the user's folder is as it was" test "$(find "$work/own data 1-2" -type f -exec cat {} +)" = mine
refuses() { ! infra/demo/demo "$work/nothing" 2> /dev/null; }
check "a folder that is not there is refused" refuses
check "nothing is left" test -z "$(ls -A "$TMPDIR")"
printf '%s passed, 0 failed\n' "$passed"

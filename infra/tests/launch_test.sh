#!/usr/bin/env bash
# bin/admin starts whatever there is of its archive of classes, says nothing of it, and makes another where there is none to use. And
# programs start where services of the packages are started: with a /tmp that cannot be written to, and no home.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin/admin --version > /dev/null # builds it where it is not built
work=$(mktemp -d)
passed=0
# Whoever was started from here keeps a lock, and so does what it leaves behind: once it is free, nothing runs any more.
held() { (flock -s 8 && "$@") 8>> "$work/held"; }
await_all() { flock -w 600 "$work/held" true || { echo "failed: what was started runs on" >&2; return 1; }; }
end() {
  local code=$?
  touch "$work/go"
  await_all || true
  rm -rf "$work"
  exit $code
}
trap end EXIT
check() { if "${@:2}"; then passed=$((passed + 1)); else printf 'failed: %s\n' "$1" >&2; exit 1; fi; }

# A copy that can be spoilt.
home="$work/home"
target="$home/admin/target"
archive="$target/classes.jsa"
mkdir -p "$target"
cp -r bin "$home"
cp -r admin/target/lib admin/target/resguardo-admin-*.jar "$target"

# It ends well, tells its help and not a line more. Cut off after a while: what makes an archive must not hold its output open.
starts() {
  (cd / && held timeout 60 "$@" "$home/bin/admin" --help 2> "$work/errors" | timeout 60 cat > "$work/help") && [ ! -s "$work/errors" ] &&
    head -n 1 "$work/help" | grep -q '^Usage: admin ' && ! grep -q '^\[' "$work/help"
}
shares() {
  RESGUARDO_JAVA_OPTS="-Xlog:class+load:file=$work/loaded" held "$home/bin/admin" --help > "$work/help" &&
    grep -q 'resguardo.admin.Main source: shared objects file' "$work/loaded"
}
does_not_share() { ! shares; }
starts_and_mends() {
  check "it starts with an archive that $1" starts env
  await_all
  check "it mends an archive that $1" shares
}
flip() { # BYTE...
  local at byte
  chmod u+w "$archive"
  for at; do
    byte=$(od -An -tu1 -j "$at" -N 1 "$archive")
    # shellcheck disable=SC2059 # the byte is the format
    printf "\\$(printf %o $((byte ^ 64)))" | dd of="$archive" bs=1 seek="$at" conv=notrunc status=none
  done
}

rm -f "$archive"
starts_and_mends "is missing"
echo "# a line" >> "$home/bin/classes.list"
check "it does without an archive of another list" does_not_share
await_all
touch -d 2001-01-01 "$target"/resguardo-admin-*.jar
starts_and_mends "is of another jar"
truncate -s 1000000 "$archive"
starts_and_mends "was cut off"
head -c 1000000 /dev/urandom > "$work/random" && mv -f "$work/random" "$archive"
starts_and_mends "is something else"
touch -r "$archive" "$work/time"
flip $(seq 500000 7 501000)
touch -r "$work/time" "$archive"
check "it starts with an archive of which bytes changed, unseen" starts env
check "it does not use that" does_not_share

# A Java that makes no archives, that is slow at it, and that is killed.
java=$(readlink -f "$(command -v "${JAVA_HOME:+$JAVA_HOME/bin/}java")")
jdk="$work/jdk"
mkdir -p "$jdk/bin"
cp "${java%/bin/java}/release" "$jdk"
other_java() { # WHAT TO DO WHEN ASKED FOR AN ARCHIVE
  : > "$work/dumps"
  printf '#!/bin/sh\ncase "$*" in *-Xshare:dump*) echo >> "%s"; %s ;; esac\nexec "%s" "$@"\n' "$work/dumps" "$1" "$java" > "$jdk/new"
  chmod +x "$jdk/new"
  mv -f "$jdk/new" "$jdk/bin/java"
}
dumps() { [ "$(wc -l < "$work/dumps")" = "$1" ]; }

other_java 'exit 1'
check "it starts with another Java" starts env JAVA_HOME="$jdk"
await_all
check "it starts with a Java that makes no archives" starts env JAVA_HOME="$jdk"
await_all
check "that Java is asked once" dumps 1
other_java 'kill -9 $$'
check "it starts while an archive is given up" starts env JAVA_HOME="$jdk"
await_all
check "it starts after that" starts env JAVA_HOME="$jdk"
await_all
check "what was killed is tried again" dumps 2
other_java "while [ ! -e '$work/go' ]; do sleep 0.1; done"
check "it starts while an archive is made" starts env JAVA_HOME="$jdk"
check "a second one starts meanwhile" starts env JAVA_HOME="$jdk"
touch "$work/go"
await_all
check "both make one archive" dumps 1

# Where nothing can be written.
rm -f "$archive" "$archive".*
chmod -R a+rX "$work"
chmod a-w "$target"
other=(env)
[ "$(id -u)" != 0 ] || other=(setpriv --reuid 65534 --regid 65534 --clear-groups)
check "it starts where it can write nothing" starts "${other[@]}"
check "and leaves nothing there" test -z "$(find "$target" -name 'classes.*')"
chmod u+w "$target"
"$home/bin/quick-start"
check "an archive can be made beforehand" shares
check "and others start from it" starts "${other[@]}"
# Java finds no classes of a program in an archive below such a folder; it starts without them.
mv "$home" "$work/a home"
home="$work/a home"
check "it starts in a folder with a space" starts env

# As a service: infra/package/try has a real one.
for unit in infra/package/systemd/*.service; do
  check "${unit##*/} has a folder for temporary files" grep -Eq '^(PrivateTmp=yes|Environment=TMPDIR=%C/.*)$' "$unit"
  check "${unit##*/} is no failure when it is stopped" grep -qx SuccessExitStatus=143 "$unit"
done
# By their names, so two that name a user would be the same.
shares_no_user() { grep -qx DynamicUser=yes "$1" && ! grep -Eq '^(User|Group)=' "$1"; }
for unit in coordinator fetch-worker@ retention export@; do
  check "resguardo-$unit.service is a user of its own" shares_no_user "infra/package/systemd/resguardo-$unit.service"
done
starts_as_a_service() {
  local agent said=1
  # shellcheck disable=SC2016 # for the shell within
  unshare --mount sh -c 'mount --make-rprivate / && mount --bind /tmp /tmp && mount -o remount,bind,ro /tmp && export TMPDIR="$0" XDG_CACHE_HOME=/proc/none &&
    exec bin/agent --node alpha --allow / --cache "$TMPDIR/cache" --amqp-uri amqp://nobody:nothing@127.0.0.1:1/%2f' "$spare" > "$work/agent.log" 2>&1 &
  agent=$!
  for _ in $(seq 300); do
    if grep -q 'agent started' "$work/agent.log"; then said=0 && break; fi
    kill -0 "$agent" 2> /dev/null || break
    sleep 0.2
  done
  kill "$agent" 2> /dev/null || true
  wait "$agent" || true
  [ "$said" = 0 ] || { cat "$work/agent.log" >&2; return 1; }
}
if [ "$(id -u)" = 0 ] && unshare --mount true 2> /dev/null; then
  spare=$(mktemp -d -p /var/tmp)
  check "the agent starts where /tmp cannot be written to" starts_as_a_service
  rm -rf "$spare"
else
  echo "launch: without root no /tmp can be made that cannot be written to"
fi

# Of those that go on for long, whichever lacks memory ends as a whole, so that whoever watches over it starts it again.
ends_whole() { RESGUARDO_JAVA_OPTS="-XX:+PrintFlagsFinal -version" "bin/$1" 2> /dev/null | grep -Eq 'ExitOnOutOfMemoryError += true'; }
for program in coordinator fetch-worker retention agent console transfer standalone; do
  check "$program ends as a whole for want of memory" ends_whole "$program"
done
printf '%s passed, 0 failed\n' "$passed"

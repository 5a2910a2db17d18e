# shellcheck shell=sh disable=SC2154
# Starts one role of Resguardo in this shell's place. Sourced by the launchers beside it, with $self the launcher's own
# path, links followed, and: launch MODULE MAIN-CLASS "MEMORY FLAGS" [ARGUMENT...]
# With quick=yes it starts from an archive of its classes.

# The oldest Java that the classes are compiled for.
OLDEST_JAVA=17
# A build by another process that takes longer than this many seconds is stuck.
BUILD_SECONDS=600
# What a build makes, so that launchers that start at once need one build together.
ROLES=coordinator,fetch-worker,retention,transfer,agent,admin,console,standalone
quick=no

# shellcheck source=bin/classes.sh
. "${self%/*}/classes.sh"

fail() {
  printf 'Failed to %s\n%s\n' "$1" "$2" >&2
  exit 1
}

find_java() {
  if [ -n "${JAVA_HOME:-}" ]; then
    java="$JAVA_HOME/bin/java"
    [ -x "$java" ] || fail "start $1: JAVA_HOME has no bin/java: $JAVA_HOME." "Set JAVA_HOME to a Java $OLDEST_JAVA or newer, or unset it."
  elif [ -x "$home/runtime/bin/java" ]; then
    java="$home/runtime/bin/java" # what a package brings along
  else
    java=$(command -v java) || fail "start $1: there is no java." "Install Java $OLDEST_JAVA or newer, or set JAVA_HOME."
  fi
}

# Read from a file of the installation where there is one: asking java itself costs a start of the JVM each time.
java_major() {
  real=$(readlink -f "$java")
  release="${real%/bin/java}/release"
  if [ -r "$release" ]; then
    version=$(sed -n 's/^JAVA_VERSION="\([^"]*\)".*/\1/p' "$release")
  else
    version=$("$java" -version 2>&1 | sed -n 's/.* version "\([^"]*\)".*/\1/p' | head -n 1)
  fi
  # Java 8 and older call themselves 1.8.
  version=${version#1.}
  printf '%s\n' "${version%%[!0-9]*}"
}

check_java() {
  major=$(java_major)
  [ "${major:-0}" -ge "$OLDEST_JAVA" ] ||
    fail "start $1: $java is Java ${major:-of an unknown version}." "Install Java $OLDEST_JAVA or newer, or set JAVA_HOME to one."
}

# Both are there only after the module was packaged. A build that was cut off leaves its mark, and what it made is not used.
find_jar() {
  [ ! -e "$home/.building" ] || return 1
  set_jar "$1"
}

set_jar() {
  jar=""
  for candidate in "$home/$1/target/resguardo-$1"-*.jar; do
    case "$candidate" in *-sources.jar | *-javadoc.jar | *-tests.jar) continue ;; esac
    [ ! -f "$candidate" ] || jar="$candidate"
  done
  [ -n "$jar" ] && [ -d "$home/$1/target/lib" ]
}

# One of several launchers that start at once builds; the others wait for it. The lock goes with the process that holds it.
build_once() {
  find_jar "$1" && return
  printf 'Building Resguardo, once.\n' >&2
  (
    flock -w "$BUILD_SECONDS" 9 || fail "build $1: another build holds $home/.build.lock." "Wait for it to end, or end it."
    # All roles, so that the next launcher, which may wait for this lock already, has nothing to build.
    find_jar "$1" || {
      : > "$home/.building"
      (cd "$home" && ./mvnw -q -B -pl "$ROLES" -am package -DskipTests -Dresguardo.commit="$(git describe --always --dirty --abbrev=12 --exclude='*' 2> /dev/null || true)" >&2 9>&-) && rm -f "$home/.building"
    }
  ) 9> "$home/.build.lock" || fail "build $1." "See the messages above; make build does the same."
  # The mark counts only under the lock: another launcher may be building by now.
  set_jar "$1" || fail "start $1: the build made no jar of it." "Run make build."
}

# Sets all that a program is started with, and builds it where it is not built.
find_program() {
  module="$1"
  home=$(cd "$(dirname "$self")/.." && pwd -P)
  case "$home" in *:*) fail "start $module: a colon in $home would break Java's class path." "Move it to a folder without one." ;; esac
  find_java "$module"
  check_java "$module"
  build_once "$module"
  class_path="$home/$module/target/lib/*:$jar"
}

launch() {
  main="$2" memory="$3" archive_flag=""
  find_program "$1"
  shift 3
  if [ "$quick" = yes ]; then
    share_classes
  else
    # One of a program's threads that ends for want of memory leaves it half alive, and nobody starts it again.
    memory="$memory -XX:+ExitOnOutOfMemoryError"
  fi
  # Paths may hold any character of any language; the machine's own locale may not.
  LC_ALL=C.UTF-8
  export LC_ALL
  # The C library keeps memory for each thread otherwise, of which a Java process has many.
  MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-2}"
  export MALLOC_ARENA_MAX
  # Java does not look at TMPDIR by itself, and has to be able to write there: it puts libraries into it to call them.
  # Flags are words, split on purpose.
  # shellcheck disable=SC2086
  exec "$java" $memory ${archive_flag:+$SHARING "$archive_flag"} ${TMPDIR:+"-Djava.io.tmpdir=$TMPDIR"} ${RESGUARDO_JAVA_OPTS:-} -cp "$class_path" "$main" "$@"
}

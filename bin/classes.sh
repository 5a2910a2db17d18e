# shellcheck shell=sh disable=SC2154
# The archive of a program's classes: loaded and linked once, and mapped into memory by Java at each start from then on.
# Sourced, with $home, $java, $module and $jar set. Whatever goes wrong here, the program starts without it.

# What the process that makes an archive may take: it lives for seconds, beside what its user waits for.
ARCHIVING="-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx64m"
ARCHIVING_SECONDS=300
# Java ends so where it cannot do what it was asked for; otherwise it was ended, and may succeed another time.
CANNOT=1
# Without the check Java crashes where a byte of the archive has changed. What it has to say about one is no answer to a command.
# An archive is made with the same flags, so that a Java that refuses one of them makes none.
SHARING="-XX:+VerifySharedSpaces -Xlog:disable -Xlog:all=warning:stderr"

name_archive() {
  real=$(readlink -f "$java")
  archive="$home/$module/target/classes.jsa"
  # The jars one by one, as an archive holds only for the very same class path.
  class_path=""
  for library in "$home/$module/target/lib"/*.jar; do
    class_path="$class_path$library:"
  done
  class_path="$class_path$jar"
}

# All that an archive is made of, with sizes and times, and what else is named. Java compares the jars too, but crashes with an
# archive that was cut off. Whole seconds, as it has them: layers of an image keep no more. Some of it may be missing.
list_inputs() {
  stat -L -c '%s %Y %n' "$real" "${real%/bin/java}/lib/server/libjvm.so" "$home/bin/classes.list" "$jar" \
    "$home/$module/target/lib"/*.jar "$@" 2> /dev/null || true
}

# What was written down when the archive was made is what there is now, the archive itself included.
archive_is_current() { [ -f "$archive.state" ] && [ "$(list_inputs "$archive")" = "$(cat "$archive.state")" ]; }

# The list that Java brings along comes first; what of either is not there is left out.
list_classes() { cat "${real%/bin/java}/lib/classlist" "$home/bin/classes.list" 2> /dev/null || true; }

# From an empty environment, whose options for Java are meant for programs.
run_java() { cd / && nice -n 19 timeout "$ARCHIVING_SECONDS" env -i "$java" "$@" > /dev/null 2>&1; }

# An empty archive stands for one that this Java cannot make: it is not tried again until something changes. The file is replaced
# and never written to: a program may be running from it.
make_archive() {
  inputs=$(list_inputs)
  rm -f "$archive.part"
  list_classes > "$archive.list"
  code=0
  # Flags are words, split on purpose.
  # shellcheck disable=SC2086
  run_java $ARCHIVING $SHARING -Xshare:dump "-XX:SharedClassListFile=$archive.list" \
    "-XX:SharedArchiveFile=$archive.part" -cp "$class_path" || code=$?
  rm -f "$archive.list"
  case $code in 0) ;; "$CANNOT") : > "$archive.part" ;; *) return 0 ;; esac
  [ "$(list_inputs)" = "$inputs" ] || return 0 # built anew meanwhile: the next start makes another
  sync "$archive.part" || true # or a loss of power leaves a file of the right size without its content
  mv -f "$archive.part" "$archive"
  list_inputs "$archive" > "$archive.state.part" && mv -f "$archive.state.part" "$archive.state"
}

# One process makes it; others do without until it is there.
make_archive_once() {
  (
    flock -n 9 || exit 0
    archive_is_current || make_archive
  ) 9> "$archive.lock"
}

# Sets $archive_flag where there is an archive; where there is none it is made, for the next start.
share_classes() {
  name_archive
  if archive_is_current; then
    [ ! -s "$archive" ] || archive_flag="-XX:SharedArchiveFile=$archive"
  else
    # No child of what this process becomes. By exec, as the shell keeps the old output open for as long as a function has another.
    ( (exec < /dev/null > /dev/null 2>&1 && make_archive_once) & )
  fi
}

package resguardo.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import resguardo.core.RawPath;
import resguardo.core.Sha256;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;

class VersionDiffTest {
  private static Entry file(String name, int mode, String content) {
    byte[] bytes = content.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    return new Entry(
        RawPath.parse(name),
        Entry.Type.FILE,
        mode,
        0,
        0,
        null,
        null,
        0,
        0,
        bytes.length,
        Sha256.of(bytes),
        null,
        null,
        null);
  }

  private static List<Difference> diff(Iterable<Entry> before, Iterable<Entry> after)
      throws Exception {
    List<Difference> found = new ArrayList<>();
    try (EntrySpool spool = new EntrySpool()) {
      for (Entry entry : before) {
        byte[] line = EntryCodec.write(entry);
        spool.add(line, line.length);
      }
      spool.complete();
      VersionDiff diff = new VersionDiff(spool::next, found::add);
      for (Entry entry : after) {
        byte[] line = EntryCodec.write(entry);
        diff.newer(line, line.length);
      }
      diff.end();
    }
    return found;
  }

  private static String shown(List<Difference> differences) {
    StringWriter out = new StringWriter();
    PrintWriter writer = new PrintWriter(out);
    EntryText text = new EntryText(writer);
    differences.forEach(text::show);
    writer.flush();
    return out.toString().replaceAll(" +", " ");
  }

  @Test
  void eachDifferenceIsToldWithItsSizes() throws Exception {
    List<Difference> differences =
        diff(
            List.of(
                file("a", 0644, "same"),
                file("b", 0644, "gone"),
                file("c", 0644, "old"),
                file("e", 0644, "touched"),
                file("z", 0644, "last")),
            List.of(
                file("a", 0644, "same"),
                file("c", 0644, "newer"),
                file("d", 0644, "new"),
                file("e", 0600, "touched")));
    assertThat(shown(differences)).isEqualTo("- 4 b\nM 5 c (was 3)\n+ 3 d\nm 7 e\n- 4 z\n");
  }

  @Test
  void namesAreComparedComponentByComponent() throws Exception {
    List<Entry> before = List.of(file("a", 0644, "1"), file("a/x", 0644, "1"));
    List<Entry> after =
        List.of(file("a", 0644, "1"), file("a/x", 0644, "1"), file("a.b", 0644, ""));
    assertThat(shown(diff(before, after))).isEqualTo("+ 0 a.b\n");
  }

  @Property(tries = 300)
  void whatIsToldTurnsTheOlderIntoTheNewer(
      @ForAll("versions") Map<String, Integer> older,
      @ForAll("versions") Map<String, Integer> newer)
      throws Exception {
    Map<RawPath, Entry> made = new TreeMap<>(entries(older));
    for (Difference difference : diff(entries(older).values(), entries(newer).values())) {
      if (difference.before() != null) {
        assertThat(made.remove(difference.before().name())).isEqualTo(difference.before());
      }
      if (difference.after() != null) {
        made.put(difference.after().name(), difference.after());
        assertThat(difference.after()).isNotEqualTo(difference.before());
      }
    }
    assertThat(made).isEqualTo(entries(newer));
  }

  private static Map<RawPath, Entry> entries(Map<String, Integer> version) {
    Map<RawPath, Entry> entries = new TreeMap<>();
    version.forEach(
        (name, kind) ->
            entries.put(
                RawPath.parse(name), file(name, kind % 2 == 0 ? 0644 : 0600, "" + kind / 2)));
    return entries;
  }

  @Provide
  Arbitrary<Map<String, Integer>> versions() {
    Arbitrary<String> names =
        Arbitraries.of("a", "b", ".", "/")
            .list()
            .ofMinSize(1)
            .ofMaxSize(4)
            .map(parts -> String.join("", parts));
    return Arbitraries.maps(names, Arbitraries.integers().between(0, 5)).ofMaxSize(12);
  }

  @Test
  void aLongNameIsShownWhole() {
    String name = "n".repeat(250) + "\n";
    assertThat(shown(List.of(new Difference(Difference.Change.NEW, null, file(name, 0, "")))))
        .isEqualTo("+ 0 " + "n".repeat(250) + "\\u000a\n");
  }
}

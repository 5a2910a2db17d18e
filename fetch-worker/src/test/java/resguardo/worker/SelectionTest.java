package resguardo.worker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.archive.SetTotals;
import resguardo.core.JobId;
import resguardo.core.NodeName;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.SourcePath;
import resguardo.core.port.Content;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.ManifestWriter;
import resguardo.core.version.Place;
import resguardo.core.version.Placed;
import resguardo.core.version.VersionHeader;

/** Which lines of a manifest an entry selects, by manifests as they lie in the bucket. */
class SelectionTest {
  private static final RawPath ROOT = raw("srv/data");

  @TempDir Path spool;
  private ManifestWriter writer;
  private final SetTotals totals = new SetTotals();

  @BeforeEach
  void begin() throws IOException {
    writer = new ManifestWriter(spool);
  }

  private static RawPath raw(String latin1) {
    return RawPath.ofBytes(latin1.getBytes(ISO_8859_1));
  }

  private void add(String name, Entry.Type type, String link) throws IOException {
    boolean file = type == Entry.Type.FILE;
    Entry entry =
        new Entry(
            raw(name),
            type,
            0644,
            0,
            0,
            null,
            null,
            0,
            0,
            0,
            file ? Sha256.of(new byte[0]) : null,
            link == null ? null : raw(link),
            null,
            null);
    byte[] line = EntryCodec.write(new Placed(entry, Place.NONE));
    totals.add(entry, line);
    writer.addLines(line);
    writer.addLines(new byte[] {'\n'});
  }

  private void files(String... names) throws IOException {
    for (String name : names) {
      add(name, Entry.Type.FILE, null);
    }
  }

  private Content manifest() throws IOException {
    RegistrationKey key = new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv/data"));
    return writer.finish(
        new VersionHeader(
            VersionHeader.FORMAT,
            key,
            Serial.first(),
            1,
            JobId.of(key, 1, Instant.EPOCH),
            Instant.EPOCH,
            Instant.EPOCH,
            List.of(),
            true,
            totals.index(),
            totals.totals()));
  }

  /** The names that are selected, and after how many lines it ended. */
  private record Selected(List<String> names, int linesRead) {}

  private static Optional<Selected> select(Content manifest, String asked)
      throws IOException, MalformedMessageException {
    Optional<Selection> selection;
    try (ManifestReader reader = new ManifestReader(manifest.open())) {
      selection = Selection.find(RawPath.parse(asked), ROOT, reader);
    }
    if (selection.isEmpty()) {
      return Optional.empty();
    }
    List<String> names = new ArrayList<>();
    int lines = 0;
    try (ManifestReader reader = new ManifestReader(manifest.open())) {
      for (Optional<byte[]> line = reader.nextLine();
          line.isPresent() && !selection.get().isPast();
          line = reader.nextLine()) {
        lines++;
        selection
            .get()
            .of(line.get())
            .ifPresent(
                placed ->
                    names.add(
                        new String(placed.entry().name().bytes(), ISO_8859_1)
                            + (placed.entry().type() == Entry.Type.HARD_LINK ? " link" : "")));
      }
    }
    return Optional.of(new Selected(names, lines));
  }

  @Test
  void aFolderComesWithWhatIsBelowAndNotWhatOnlyBeginsLikeIt() throws Exception {
    files("srv/data", "srv/data/a", "srv/data/b", "srv/data/b/x", "srv/data/b/\u00ff");
    files("srv/data/bb", "srv/data/b\u00ff", "srv/data/c");
    Content manifest = manifest();
    List<String> below = List.of("srv/data/b", "srv/data/b/x", "srv/data/b/\u00ff");
    Selected selected = select(manifest, "b").orElseThrow();
    assertEquals(below.stream().sorted().toList(), selected.names().stream().sorted().toList());
    assertTrue(selected.linesRead() < 8, "it read on after the last");
    assertEquals(selected, select(manifest, "/srv/data/b").orElseThrow());
    assertEquals(8, select(manifest, "/srv/data").orElseThrow().names().size());
  }

  @Test
  void whatStandsBothWaysIsTakenFromTheRootOn() throws Exception {
    files("srv/data", "srv/data/a", "srv/data/srv", "srv/data/srv/data", "srv/data/srv/data/a");
    assertEquals(
        List.of("srv/data/srv/data/a"), select(manifest(), "srv/data/a").orElseThrow().names());
  }

  @Test
  void namesThatJsonEscapesAndNamesThatAreNoTextAreFound() throws Exception {
    files("srv/data", "srv/data/\"\n", "srv/data/%:x", "srv/data/\u00fe");
    Content manifest = manifest();
    assertEquals(List.of("srv/data/%:x"), select(manifest, "%:%25%3Ax").orElseThrow().names());
    assertEquals(List.of("srv/data/\"\n"), select(manifest, "\"\n").orElseThrow().names());
    assertEquals(List.of("srv/data/\u00fe"), select(manifest, "%:%FE").orElseThrow().names());
  }

  @Test
  void aLinkToAFileOutsideBecomesTheFile() throws Exception {
    files("srv/data", "srv/data/a");
    add("srv/data/m", Entry.Type.FOLDER, null);
    add("srv/data/m/one", Entry.Type.HARD_LINK, "srv/data/a");
    add("srv/data/m/two", Entry.Type.HARD_LINK, "srv/data/a");
    files("srv/data/z");
    assertEquals(
        List.of("srv/data/m", "srv/data/m/one", "srv/data/m/two link"),
        select(manifest(), "m").orElseThrow().names());
  }

  @Test
  void whatIsNotThereIsNotFound() throws Exception {
    files("srv/data", "srv/data/ab", "srv/data/b");
    Content manifest = manifest();
    assertFalse(select(manifest, "a").isPresent());
    assertFalse(select(manifest, "zz").isPresent());
  }
}

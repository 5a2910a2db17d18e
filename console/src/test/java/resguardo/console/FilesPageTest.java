package resguardo.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.JobId;
import resguardo.core.NodeName;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.SourcePath;
import resguardo.core.version.Entry;
import resguardo.core.version.Totals;
import resguardo.core.version.VersionHeader;
import resguardo.testkit.versions.MadeEntries;

/** What a page has of entries whose names are longer than anybody reads. */
class FilesPageTest {
  private static final RegistrationKey KEY =
      new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/srv"));

  private static final VersionHeader HEADER =
      new VersionHeader(
          VersionHeader.FORMAT,
          KEY,
          Serial.first(),
          1,
          JobId.of(KEY, 1, Instant.EPOCH),
          Instant.EPOCH,
          Instant.EPOCH,
          List.of(),
          false,
          Sha256.of(new byte[0]),
          new Totals(0, 0, 0, 0, Sha256.of(new byte[0])));

  private static String row(String name, Entry.Type type) {
    Entry entry = MadeEntries.of(name, type, 0);
    VersionIndex.Item item = new VersionIndex.Item(1, entry, 0, 0);
    return FilesPage.name(KEY, Serial.first(), item, true)
        + ""
        + FilesPage.does(true, KEY, HEADER, entry);
  }

  @ParameterizedTest
  @ValueSource(ints = {16 * 1024, 2 * 1024 * 1024})
  void aLongNameIsShownInPart(int length) {
    String name = "srv/" + "n".repeat(length - 4);
    for (Entry.Type type : List.of(Entry.Type.FILE, Entry.Type.FOLDER)) {
      String row = row(name, type);
      assertThat(row).contains(">" + "n".repeat(4096) + "…<");
      assertThat(row.length()).isLessThan(2 * Link.LONGEST);
    }
  }

  /** A node may say any in its manifest; one that cannot be shown would take the whole page. */
  @ParameterizedTest
  @ValueSource(longs = {31_556_889_864_403_199L, -31_556_889_864_403_199L, 253_402_300_800L, 0})
  void aFileOfAnyTimeThatAManifestAdmitsIsShown(long seconds) {
    Entry entry =
        new Entry(
            RawPath.parse("srv/a"),
            Entry.Type.FILE,
            0644,
            0,
            0,
            null,
            null,
            seconds,
            0,
            0,
            null,
            null,
            null,
            null);
    VersionIndex.Item item = new VersionIndex.Item(1, entry, 0, 0);
    assertThat(FilesPage.row(true, KEY, HEADER, item, true).toString()).contains("UTC</time>");
  }

  @Test
  void itCanStillBeOpenedUnlessItsAddressIsLongerThanTheServerTakes() {
    String name = "srv/" + "n".repeat(16_000);
    assertThat(row(name, Entry.Type.FILE)).contains("Download</a>", "Restore</a>");
    assertThat(row(name, Entry.Type.FOLDER)).contains("<a class=\"folder\"");
    for (String longer :
        List.of("srv/" + "n".repeat(Link.LONGEST), "srv/" + "\u00e4".repeat(Link.LONGEST / 5))) {
      assertThat(row(longer, Entry.Type.FILE)).doesNotContain("<a ");
      assertThat(row(longer, Entry.Type.FOLDER)).doesNotContain("<a ");
    }
  }

  @Test
  void ofFoldersInEachOtherWithoutEndTheLastAreShown() {
    RawPath deep = RawPath.parse("srv" + "/d".repeat(8000));
    String crumbs = Crumbs.of(KEY, Serial.first(), deep).toString();
    assertThat(crumbs.split("<li", -1)).hasSize(1 + 2 + Crumbs.MOST);
    assertThat(crumbs).contains("<li>…</li>");
    String few = Crumbs.of(KEY, Serial.first(), RawPath.parse("srv/a/b")).toString();
    assertThat(few.split("<li", -1)).hasSize(1 + 3);
    assertThat(few).doesNotContain("…");
  }
}

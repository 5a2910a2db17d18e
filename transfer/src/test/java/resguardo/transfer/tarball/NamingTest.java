package resguardo.transfer.tarball;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.NodeName;
import resguardo.core.RegistrationKey;
import resguardo.core.SourcePath;

/** What names of tarballs say. */
class NamingTest {
  @TempDir Path folder;

  private static RegistrationKey key(String node, String path) {
    return new RegistrationKey(new NodeName(node), SourcePath.parse(path));
  }

  private static @Nullable Long number(String name, RegistrationKey key) throws Exception {
    return new Naming(null, null, ZoneOffset.UTC)
        .read(name, key)
        .map(Naming.Said::number)
        .orElse(null);
  }

  private List<Tarball> of(Naming naming, String... names) throws Exception {
    for (String name : names) {
      Files.write(folder.resolve(name), new byte[1]);
    }
    return new TarballFolder(folder, naming).of(key("alpha", "/srv/data"));
  }

  @Test
  void aNumberIsReadWhateverStandsForTheSlashes() throws Exception {
    RegistrationKey key = key("alpha", "/srv/data");
    for (String name :
        List.of(
            "alpha-srv-data12.tgz",
            "alpha--srv-data12.tgz",
            "alpha-_srv_data_12.tar.gz",
            "alpha-srvdata000012.tgz",
            "alpha-%srv%data-12.tar")) {
      assertThat(number(name, key)).as(name).isEqualTo(12);
    }
    for (String name :
        List.of(
            "beta-srv-data12.tgz",
            "alpha-srv-data.tgz",
            "alpha-srv-database12.tgz",
            "alpha-srv-data12.zip")) {
      assertThat(number(name, key)).as(name).isNull();
    }
    assertThat(number("alpha-srv-data23.tgz", key("alpha", "/srv/data2"))).isEqualTo(3);
    assertThat(number("n1-a-b7.tgz", key("n1", "/a-b"))).isEqualTo(7);
  }

  @Test
  void nodeAndPathAreTakenFromNamesOfTheForm() {
    assertThat(Naming.derived("nodeone-shared-content7.tgz"))
        .contains(key("nodeone", "/shared/content"));
    assertThat(Naming.derived("node1--home_x12.tgz")).contains(key("node1", "/home/x"));
    assertThat(Naming.derived("backup.tgz")).isEmpty();
  }

  @Test
  void aTimeIsReadInItsZone() throws Exception {
    Naming madrid = new Naming("backup-", null, ZoneId.of("Europe/Madrid"));
    List<Tarball> found =
        of(
            madrid,
            "backup-2026-07-01T02-00-00.tar.gz",
            "backup-2026-06-30T02-00-00.tar.zst",
            "other-2026-07-01T02-00-00.tar.gz",
            "backup.latest.tar.gz");
    assertThat(found)
        .extracting(Tarball::slot)
        .containsExactly(
            Instant.parse("2026-06-30T00:00:00Z"), Instant.parse("2026-07-01T00:00:00Z"));
  }

  @Test
  void whatCannotBePutInOrderIsRefused() throws Exception {
    Naming any = new Naming(null, null, ZoneOffset.UTC);
    assertThatThrownBy(() -> of(any, "a-2026-07-01T02-00-00.tgz", "b-2026-07-02T02-00-00.tgz"))
        .isInstanceOf(TarballException.class)
        .hasMessageContaining("--prefix");
    assertThatThrownBy(() -> of(any, "alpha-srv-data1.tgz")).hasMessageContaining("a number");
    assertThatThrownBy(() -> of(any, "a-2026-13-01T02-00-00.tgz")).hasMessageContaining("2026-13");
  }

  @Test
  void numbersComeInTheirOrderAndTheSameTwiceIsRefused() throws Exception {
    Naming any = new Naming(null, null, ZoneOffset.UTC);
    List<Tarball> found =
        of(any, "alpha-srv-data10.tgz", "alpha-srv-data9.tgz", "alpha-srv-data1.tgz");
    assertThat(found)
        .extracting(Tarball::name)
        .containsExactly("alpha-srv-data1.tgz", "alpha-srv-data9.tgz", "alpha-srv-data10.tgz");
    assertThat(found).extracting(Tarball::slot).doesNotHaveDuplicates().isSorted();
    assertThatThrownBy(() -> of(any, "alpha-srv-data01.tgz")).hasMessageContaining("same number");
  }

  @Test
  void aPatternReadsOtherNames() throws Exception {
    Naming own = new Naming(null, Pattern.compile("dump_(?<time>\\d{8})_.*"), ZoneOffset.UTC);
    assertThat(of(own, "dump_20260102_full.tar.bz2", "alpha-srv-data1.tgz"))
        .extracting(Tarball::slot)
        .containsExactly(Instant.parse("2026-01-02T00:00:00Z"));
    Naming none = new Naming(null, Pattern.compile("dump_.*"), ZoneOffset.UTC);
    assertThatThrownBy(() -> of(none)).hasMessageContaining("neither a group");
  }
}

package resguardo.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import resguardo.core.Sha256;
import resguardo.core.stream.GzipMembers;
import resguardo.core.version.Entry;
import resguardo.core.version.Piece;
import resguardo.core.version.Placed;
import resguardo.testkit.versions.MadeEntries;

/** What is composed of a version that was made before names of owners had a bound. */
class ComposedOwnersTest {
  private static final String LONG = "o".repeat(1_100_000);

  private static final ArchiveWriter.Edit NO_BASE =
      new ArchiveWriter.Edit() {
        @Override
        public void keep(long lines) {
          throw new IllegalStateException("there is no base");
        }

        @Override
        public void drop(long lines) {
          throw new IllegalStateException("there is no base");
        }
      };

  @AutoClose("shutdownNow")
  private final ExecutorService threads = Executors.newSingleThreadExecutor();

  private final ByteArrayOutputStream archive = new ByteArrayOutputStream();
  private final List<Placed> placed = new ArrayList<>();

  private static byte[] content(String name) {
    return ("content of " + name).getBytes(StandardCharsets.UTF_8);
  }

  private void pack() throws Exception {
    ArchiveWriter writer =
        new ArchiveWriter(new JdkDeflater(1), threads, 1, true, archive::writeBytes, NO_BASE);
    writer.add(MadeEntries.owned("t", Entry.Type.FOLDER, 0, "root", "root"), placed::add);
    writer.add(MadeEntries.owned("t/a", Entry.Type.FIFO, 0, LONG, "root"), placed::add);
    file(writer, "t/b", "root", "root");
    file(writer, "t/c", "root", LONG);
    file(writer, "t/d", "a\nb", "root");
    file(writer, "t/e", "root", "o".repeat(Entry.LONGEST_OWNER));
    writer.finish();
  }

  private void file(ArchiveWriter writer, String name, String user, String group) throws Exception {
    byte[] content = content(name);
    Entry entry =
        MadeEntries.owned(name, Entry.Type.FILE, content.length, user, group)
            .read(Sha256.of(content), null);
    writer.add(entry, content, content.length, placed::add);
  }

  private byte[] member(Piece piece) {
    return Arrays.copyOfRange(
        archive.toByteArray(), (int) piece.offset(), (int) piece.offset() + piece.length());
  }

  private byte[] composed() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Composer composer =
        new Composer(new JdkDeflater(1), threads, this::member, out::writeBytes).lookingInto();
    for (Placed one : placed) {
      composer.add(one);
    }
    composer.finish();
    return GzipMembers.unpacked(new ByteArrayInputStream(out.toByteArray()), 1024).readAllBytes();
  }

  /** bsdtar refuses a header of more than a MiB. */
  @Test
  void namesThatNoUserOrGroupHasAreLeftOutAndAllElseIsThere() throws Exception {
    pack();
    byte[] tar = composed();
    assertThat(tar.length).isLessThan(20_000);
    ForeignTar read = new ForeignTar(new ByteArrayInputStream(tar));
    for (Placed one : placed) {
      Entry was = one.entry();
      Entry is = read.next().orElseThrow();
      assertThat(is.name()).isEqualTo(was.name());
      assertThat(is.type()).isEqualTo(was.type());
      assertThat(is.user()).isEqualTo(Entry.isOwner(was.user()) ? was.user() : null);
      assertThat(is.group()).isEqualTo(Entry.isOwner(was.group()) ? was.group() : null);
      if (was.type() == Entry.Type.FILE) {
        byte[] content = new byte[(int) was.size()];
        assertThat(read.read(content, 0, content.length)).isEqualTo(content.length);
        assertThat(content).isEqualTo(content(was.name().text()));
      }
    }
    assertThat(read.next()).isEmpty();
    TarCheck check = new TarCheck(new ByteArrayInputStream(tar));
    for (Placed one : placed) {
      assertThat(check.flaw(one.entry())).isEqualTo(Optional.empty());
    }
    check.end();
  }
}

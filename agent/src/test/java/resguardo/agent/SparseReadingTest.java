package resguardo.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.BackupOptions;
import resguardo.core.RawPath;
import resguardo.core.version.Entry;
import resguardo.core.version.Extent;

/** Sparse files that change between the look at them and the end of the reading. */
class SparseReadingTest {
  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;

  @TempDir Path folder;

  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("f");
  }

  private static byte[] noise(int length) {
    byte[] noise = new byte[length];
    new Random(length).nextBytes(noise);
    return noise;
  }

  private void write(long size, long... offsets) throws IOException {
    Files.deleteIfExists(file);
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      for (long offset : offsets) {
        out.seek(offset);
        out.write(noise(64 * KIB));
      }
      out.setLength(size);
    }
  }

  private Found found() throws Exception {
    Found[] found = new Found[1];
    Walks.walk(file, RawPath.parse("f"), BackupOptions.NONE, f -> found[0] = f);
    found[0].entry(); // the map is made now
    return found[0];
  }

  private static List<Extent> parts(long... offsets) {
    return Arrays.stream(offsets).mapToObj(o -> new Extent(o, 64 * KIB)).toList();
  }

  /** What a file would be that is made of this. */
  private byte[] made(Entry entry, byte[] content) {
    byte[] all = new byte[(int) entry.size()];
    int from = 0;
    for (Extent part : entry.data()) {
      System.arraycopy(content, from, all, (int) part.offset(), (int) part.length());
      from += (int) part.length();
    }
    assertThat(from).isEqualTo(content.length);
    return all;
  }

  @Test
  void aFileThatStaysIsReadWithoutItsHoles() throws Exception {
    write(8L * MIB, MIB, 5 * MIB);
    FileReader.Small read = FileReader.small(found());
    assertThat(read.settled()).isTrue();
    assertThat(read.entry().data()).isEqualTo(parts(MIB, 5 * MIB));
    assertThat(made(read.entry(), read.bytes())).isEqualTo(Files.readAllBytes(file));
  }

  @Test
  void aFileThatBecameShorterLongerOrAnotherIsReadAsItIsThen() throws Exception {
    long[][] changes = {{3 * MIB, MIB}, {12 * MIB, MIB, 5 * MIB, 9 * MIB}, {6 * MIB, 2 * MIB}, {5}};
    for (long[] change : changes) {
      write(8L * MIB, MIB, 5 * MIB);
      Found found = found();
      write(change[0], Arrays.copyOfRange(change, 1, change.length));
      FileReader.Small read = FileReader.small(found);
      assertThat(read.settled()).isFalse();
      assertThat(read.entry().warning()).isNull();
      assertThat(read.entry().size()).isEqualTo(change[0]);
      byte[] whole = read.entry().data() == null ? read.bytes() : made(read.entry(), read.bytes());
      assertThat(whole).isEqualTo(Files.readAllBytes(file));
    }
  }

  @Test
  void aFileWhoseHolesWereFilledMeanwhileIsMarkedAndStillFitsItsMap() throws Exception {
    write(8L * MIB, MIB);
    Found found = found();
    Files.write(file, noise(8 * MIB)); // too much to be read a second time before it is sent
    FileReader.Small read = FileReader.small(found);
    assertThat(read.settled()).isFalse();
    byte[] content = read.bytes();
    assertThat(read.entry().stored()).isEqualTo(content.length);
  }

  @Test
  void aFileThatIsGoneIsUnreadable() throws Exception {
    write(8L * MIB, MIB);
    Found found = found();
    Files.delete(file);
    FileReader.Small read = FileReader.small(found);
    assertThat(read.bytes()).isNull();
    assertThat(read.entry().warning()).isEqualTo(Entry.Warning.UNREADABLE);
    assertThat(read.entry().digest()).isNull();
  }

  @Test
  void theEndOfALargeFileThatChangedIsAnError() throws Exception {
    long[] data = new long[20];
    Arrays.setAll(data, i -> (long) i * MIB + 512 * KIB);
    write(20L * MIB, data);
    Found found = found();
    assertThat(found.entry().stored()).isEqualTo(20 * 64 * KIB);
    try (InputStream in = FileReader.large(found)) {
      assertThat(in.readAllBytes()).hasSize(20 * 64 * KIB);
    }
    try (InputStream in = FileReader.large(found)) {
      write(10L * MIB, MIB);
      byte[] read = new byte[20 * 64 * KIB];
      org.assertj.core.api.Assertions.assertThatThrownBy(
              () -> {
                in.readNBytes(read, 0, read.length);
                in.read(new byte[1]);
              })
          .isInstanceOf(IOException.class);
    }
  }
}

package resguardo.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchFileTest {
  private static final int MIB = 1 << 20;

  @TempDir Path folder;

  private long files() throws Exception {
    try (Stream<Path> all = Files.list(folder)) {
      return all.count();
    }
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(7).nextBytes(bytes);
    return bytes;
  }

  @Test
  void whatIsWrittenIsReadFromTheBeginningAndHasNoName() throws Exception {
    byte[] bytes = random(300_000);
    try (ScratchFile file = new ScratchFile(folder, Long.MAX_VALUE)) {
      assertThat(file.reading().read()).isEqualTo(-1);
      OutputStream out = file.appending();
      out.write(bytes[0]);
      out.write(bytes, 1, 99_999);
      out.write(Arrays.copyOfRange(bytes, 100_000, bytes.length));
      assertThat(file.end()).isEqualTo(bytes.length);
      assertThat(files()).isZero();
      assertThat(file.reading().readAllBytes()).isEqualTo(bytes);
      assertThat(file.reading().read()).isEqualTo(bytes[0] & 0xff);
      ByteBuffer part = ByteBuffer.allocate(1000);
      file.read(99_500, part);
      assertThat(part.array()).isEqualTo(Arrays.copyOfRange(bytes, 99_500, 100_500));
    }
  }

  @Test
  void itTakesNoMoreThanItsBoundAndHalfOfWhatIsFree() throws Exception {
    try (ScratchFile bounded = new ScratchFile(folder, 1000, any -> 1 << 30);
        ScratchFile inLittleRoom = new ScratchFile(folder, 1 << 30, any -> 2000);
        ScratchFile unknown = new ScratchFile(folder, 3000, any -> 0)) {
      for (ScratchFile file : new ScratchFile[] {bounded, inLittleRoom}) {
        file.append(ByteBuffer.allocate(1000));
        assertThatIOException()
            .isThrownBy(() -> file.append(ByteBuffer.allocate(1)))
            .withMessageContainingAll("1000 bytes", folder.toString());
        assertThat(file.end()).isEqualTo(1000);
      }
      unknown.append(ByteBuffer.allocate(3000));
      assertThat(unknown.end()).isEqualTo(3000);
    }
  }

  /** As several do at once, each of which may take half of what was free when it began. */
  @Test
  void whereOthersTakeTheRoomItEndsBeforeThereIsNone() throws Exception {
    AtomicLong free = new AtomicLong(1L << 40);
    try (ScratchFile file = new ScratchFile(folder, Long.MAX_VALUE, any -> free.get())) {
      for (long written = 0; written < 2 * ScratchFile.LOOK; written += MIB) {
        file.append(ByteBuffer.allocate(MIB));
      }
      free.set(ScratchFile.LOOK);
      assertThatIOException()
          .isThrownBy(
              () -> {
                for (long more = 0; more < 2 * ScratchFile.LOOK; more += MIB) {
                  file.append(ByteBuffer.allocate(MIB));
                }
              })
          .withMessageContainingAll(ScratchFile.LOOK + " are left", folder.toString());
      assertThat(file.end()).isLessThanOrEqualTo(3 * ScratchFile.LOOK);
    }
  }
}

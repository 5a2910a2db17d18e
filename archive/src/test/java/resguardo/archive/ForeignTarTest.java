package resguardo.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.RawPath;
import resguardo.core.version.Entry;
import resguardo.testkit.versions.MadeEntries;

/** Tars that are made to take the time or the memory of whoever reads them. */
class ForeignTarTest {
  private static final int NAMES_OF_A_HEADER = 20_000;

  private final ByteArrayOutputStream tar = new ByteArrayOutputStream();

  private void add(char type, byte[] content) {
    byte[] header = TarHeaders.of(MadeEntries.file("f", content.length));
    header[156] = (byte) type;
    Arrays.fill(header, 148, 156, (byte) ' ');
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xff;
    }
    byte[] digits = String.format("%06o\0 ", sum).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(digits, 0, header, 148, digits.length);
    tar.writeBytes(header);
    tar.writeBytes(content);
    tar.writeBytes(new byte[TarHeaders.padding(content.length)]);
  }

  private ForeignTar read() {
    tar.writeBytes(new byte[1024]);
    return new ForeignTar(new ByteArrayInputStream(tar.toByteArray()));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void aNameOfMorePartsThanAnyFolderIsDeepIsRefused() throws Exception {
    add('L', bytes("a/".repeat(ForeignHeader.LONGEST_NAME / 2) + "b\0"));
    add('0', new byte[0]);
    assertThatThrownBy(() -> read().next())
        .isInstanceOf(ForeignTar.RefusedException.class)
        .hasMessageContaining("a name of " + (ForeignHeader.LONGEST_NAME + 1) + " bytes");
  }

  @Test
  void aNameAsDeepAsCanBeIsTaken() throws Exception {
    String name = "a/".repeat(ForeignHeader.LONGEST_NAME / 2 - 1) + "b";
    add('L', bytes(name + "\0"));
    add('0', new byte[0]);
    assertThat(read().next().orElseThrow().name()).isEqualTo(RawPath.parse(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1E-1000000", "-1E-1000000", "1E1000000", "0E-2000000000"})
  void aTimeOfMoreDigitsThanAnyIsRefused(String time) throws Exception {
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    PaxRecords.add(records, "mtime", bytes(time));
    add('x', records.toByteArray());
    add('0', new byte[0]);
    assertThatThrownBy(() -> read().next())
        .isInstanceOf(java.io.IOException.class)
        .hasMessageContaining("time");
  }

  /** No worker takes it from an agent either. */
  @Test
  void aNameOfAUserOrGroupThatNoneHasIsLeftOut() throws Exception {
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    PaxRecords.add(records, "uname", bytes("o".repeat(Entry.LONGEST_OWNER + 1)));
    PaxRecords.add(records, "gname", bytes("a\nb"));
    add('x', records.toByteArray());
    add('0', new byte[0]);
    records.reset();
    PaxRecords.add(records, "uname", bytes("o".repeat(Entry.LONGEST_OWNER)));
    PaxRecords.add(records, "gname", bytes("users"));
    add('x', records.toByteArray());
    add('0', new byte[0]);
    ForeignTar read = read();
    Entry none = read.next().orElseThrow();
    assertThat(none.user()).isNull();
    assertThat(none.group()).isNull();
    Entry named = read.next().orElseThrow();
    assertThat(named.user()).hasSize(Entry.LONGEST_OWNER);
    assertThat(named.group()).isEqualTo("users");
  }

  /** Of headers in a row each adds to those before, and compressed they are next to nothing. */
  @ParameterizedTest
  @ValueSource(chars = {'x', 'g'})
  void headersInARowHaveNoMoreThanOneMayHave(char type) throws Exception {
    for (int header = 0; header < 30; header++) {
      ByteArrayOutputStream records = new ByteArrayOutputStream();
      for (int i = 0; i < NAMES_OF_A_HEADER; i++) {
        PaxRecords.add(records, "k" + (header * NAMES_OF_A_HEADER + i), bytes("v"));
      }
      add(type, records.toByteArray());
    }
    add('0', new byte[0]);
    assertThatThrownBy(() -> read().next())
        .isInstanceOf(java.io.IOException.class)
        .hasMessageContaining("bytes together");
  }
}

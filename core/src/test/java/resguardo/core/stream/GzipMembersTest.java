package resguardo.core.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** Members of which the next has not arrived when one ends. */
class GzipMembersTest {
  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }

  /** Gives so many bytes at a time, and never says that there are more. */
  private static InputStream slow(byte[] bytes, int atATime) {
    return new FilterInputStream(new ByteArrayInputStream(bytes)) {
      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        return super.read(into, offset, Math.min(length, atATime));
      }

      @Override
      public int available() {
        return 0;
      }
    };
  }

  @Test
  void allMembersComeHoweverTheyAreCut() throws IOException {
    ByteArrayOutputStream members = new ByteArrayOutputStream();
    members.writeBytes(gzip("first "));
    int firstEnds = members.size();
    members.writeBytes(gzip("second "));
    members.writeBytes(gzip("third"));
    for (int cut : new int[] {1, 2, 7, firstEnds - 1, firstEnds, firstEnds + 1, 1000}) {
      try (InputStream in = GzipMembers.unpacked(slow(members.toByteArray(), cut), 512)) {
        assertArrayEquals("first second third".getBytes("UTF-8"), in.readAllBytes(), "cut " + cut);
      }
    }
  }

  @Test
  void aMemberThatIsCutOffIsAnError() throws IOException {
    byte[] whole = gzip("something that ends early");
    byte[] cut = java.util.Arrays.copyOf(whole, whole.length - 9);
    try (InputStream in = GzipMembers.unpacked(slow(cut, 5), 512)) {
      assertThrows(EOFException.class, in::readAllBytes);
    }
  }
}

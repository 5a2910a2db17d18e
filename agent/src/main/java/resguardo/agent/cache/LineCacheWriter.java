package resguardo.agent.cache;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;
import org.jspecify.annotations.Nullable;
import resguardo.archive.SetTotals;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.Placed;
import resguardo.core.version.Totals;

/**
 * Writes a cache: its format's number, for each line the name (as far as it differs from the one
 * before), the state and the line, then the totals, and a checksum over all of it.
 */
public final class LineCacheWriter implements AutoCloseable {
  static final int FORMAT = 1;

  /** Stands where the length of a line would: no more lines. */
  static final int END = -1;

  private static final int BUFFER = 256 * 1024;

  /** What fits where the length of a name, or of the totals, is written. */
  private static final int LONGEST = 0xffff;

  private final Path file;
  private final CRC32C crc = new CRC32C();
  private final DataOutputStream out;
  private final SetTotals set = new SetTotals();
  private @Nullable Totals totals;

  /**
   * @param file to be made; removed on close unless it was moved away
   */
  public LineCacheWriter(Path file) throws IOException {
    this.file = file;
    this.out =
        new DataOutputStream(
            new CheckedOutputStream(
                new BufferedOutputStream(Files.newOutputStream(file), BUFFER), crc));
    out.writeInt(FORMAT);
  }

  /** Adds the next line, which came from elsewhere, with what is known of its state. */
  public void add(byte[] line, KnownStates known) throws IOException, MalformedMessageException {
    Placed placed = EntryCodec.read(line);
    add(placed, known.state(placed.entry().name(), line), line);
  }

  /**
   * Adds the next line.
   *
   * @throws IOException also when its name is too long to be told apart from what follows it
   */
  public void add(Placed placed, long state, byte[] line) throws IOException {
    byte[] name = placed.entry().name().bytes();
    if (name.length > LONGEST) {
      throw new IOException("a name of " + name.length + " bytes does not fit into a cache");
    }
    set.add(placed.entry(), line);
    out.writeInt(line.length);
    out.writeShort(name.length);
    out.write(name);
    out.writeLong(state);
    out.write(line);
  }

  /**
   * Ends it.
   *
   * @return what the lines amount to
   */
  public Finished finish() throws IOException {
    Totals all = set.totals();
    totals = all;
    byte[] json = Json.write(all);
    out.writeInt(END);
    out.writeShort(json.length);
    out.write(json);
    out.flush();
    int sum = (int) crc.getValue();
    out.writeInt(sum);
    out.close();
    return new Finished(file, all, set.index());
  }

  /** A cache that is complete. */
  public record Finished(Path file, Totals totals, resguardo.core.Sha256 index) {}

  @Override
  public void close() throws IOException {
    if (totals == null) {
      out.close();
    }
    Files.deleteIfExists(file);
  }
}

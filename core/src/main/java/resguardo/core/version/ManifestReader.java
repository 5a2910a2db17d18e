package resguardo.core.version;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.ZipException;
import resguardo.core.protocol.Json;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.stream.GzipMembers;
import resguardo.core.stream.LineBuffer;

/**
 * Reads a manifest, line by line: memory stays the same for any number of entries. What is damaged
 * is told, never skipped.
 */
public final class ManifestReader implements AutoCloseable {
  /**
   * How many bytes of a manifest hold its header, whatever else is in it: a path of 16 KiB, all
   * escaped, twice over, with the rest of the header, would not compress at all.
   */
  public static final int HEADER_AT_MOST = 256 * 1024;

  private static final int BUFFER = 64 * 1024;

  private final InputStream lines;
  private final byte[] buffer = new byte[BUFFER];
  private int position;
  private int filled;
  private final VersionHeader header;
  private long read;

  /**
   * Reads the header.
   *
   * @param manifest closed with this reader; may be cut after {@link #HEADER_AT_MOST} bytes if only
   *     the header is wanted
   * @throws MalformedMessageException when it is no manifest, or of a format this program does not
   *     know
   * @throws IOException when it cannot be read
   */
  public ManifestReader(InputStream manifest) throws IOException, MalformedMessageException {
    lines = unzipped(manifest);
    header =
        Json.read(
            line(HEADER_AT_MOST)
                .orElseThrow(() -> new MalformedMessageException("an empty manifest")),
            VersionHeader.class,
            HEADER_AT_MOST);
  }

  /**
   * Whether a manifest that cannot be read is whole: then it was written by another program, a
   * newer one as a rule, and is not damaged.
   *
   * @param manifest all of it; closed here
   * @throws IOException when it cannot be read from where it lies
   */
  public static boolean isOfAnotherProgram(InputStream manifest) throws IOException {
    try (InputStream lines = unzipped(manifest)) {
      byte[] begin = lines.readNBytes(HEADER_AT_MOST);
      lines.transferTo(OutputStream.nullOutputStream()); // each member is checked at its end
      int end = 0;
      while (end < begin.length && begin[end] != '\n') {
        end++;
      }
      byte[] header = Arrays.copyOf(begin, end);
      return Json.isObject(header) && !isHeader(header);
    } catch (ZipException | EOFException | MalformedMessageException damaged) {
      return false;
    }
  }

  private static boolean isHeader(byte[] line) {
    try {
      Json.read(line, VersionHeader.class, HEADER_AT_MOST);
      return true;
    } catch (MalformedMessageException e) {
      return false;
    }
  }

  private static InputStream unzipped(InputStream manifest)
      throws IOException, MalformedMessageException {
    try {
      return GzipMembers.unpacked(manifest, BUFFER);
    } catch (ZipException | EOFException e) {
      throw new MalformedMessageException("not gzip: " + e.getMessage());
    }
  }

  /** What is said of the version as a whole. */
  public VersionHeader header() {
    return header;
  }

  /**
   * The next entry; empty after the last.
   *
   * @throws MalformedMessageException when a line is no entry, when the manifest ends before or
   *     after the number of entries that its header names, or when its compressed bytes are damaged
   * @throws IOException when it cannot be read
   */
  public Optional<Placed> next() throws IOException, MalformedMessageException {
    Optional<byte[]> line = nextLine();
    return line.isEmpty() ? Optional.empty() : Optional.of(EntryCodec.read(line.get()));
  }

  /**
   * The line of the next entry, without its newline; as {@link #next}, but not looked into.
   *
   * @throws MalformedMessageException when there are more or fewer than the header names
   */
  public Optional<byte[]> nextLine() throws IOException, MalformedMessageException {
    Optional<byte[]> line = line(EntryCodec.LONGEST_LINE);
    if (line.isEmpty()) {
      if (read != header.totals().entries()) {
        throw new MalformedMessageException(
            "a manifest of " + header.totals().entries() + " entries ends after " + read);
      }
      return line;
    }
    if (++read > header.totals().entries()) {
      throw new MalformedMessageException("a manifest with more entries than its header names");
    }
    return line;
  }

  private Optional<byte[]> line(int longest) throws IOException, MalformedMessageException {
    LineBuffer line = new LineBuffer();
    while (true) {
      if (position == filled) {
        filled = Math.max(0, readMore());
        position = 0;
        if (filled == 0) {
          if (line.size() > 0) {
            throw new MalformedMessageException("a manifest that ends within a line");
          }
          return Optional.empty();
        }
      }
      int end = position;
      while (end < filled && buffer[end] != '\n') {
        end++;
      }
      if (line.size() + end - position > longest) {
        throw new MalformedMessageException("a line of more than " + longest + " bytes");
      }
      line.write(buffer, position, end - position);
      position = Math.min(end + 1, filled);
      if (end < filled) {
        return Optional.of(line.toByteArray());
      }
    }
  }

  private int readMore() throws IOException, MalformedMessageException {
    try {
      return lines.read(buffer, 0, BUFFER);
    } catch (EOFException e) {
      throw new MalformedMessageException("a manifest whose compressed bytes end early");
    } catch (ZipException e) {
      throw new MalformedMessageException(
          "a manifest whose compressed bytes are damaged: " + e.getMessage());
    }
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}

package resguardo.worker;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;
import resguardo.archive.SetTotals;
import resguardo.core.Sha256;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ChunkKind;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.ChunkReceiver;
import resguardo.core.stream.StreamBrokenException;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.ManifestWriter;
import resguardo.core.version.Totals;

/**
 * What comes from an agent: lines into the manifest, bytes into the upload. It counts and hashes
 * all of it itself, and what does not add up to what the agent says at the end is refused.
 */
final class Receiving implements AutoCloseable {
  /** Begins the upload when its first bytes come. */
  interface Uploads {
    ArchiveStore.Upload begin() throws IOException;
  }

  private final Uploads uploads;
  private final ManifestWriter manifest;
  private final SetTotals set = new SetTotals();
  private final MessageDigest digest = Sha256.newDigest();
  private final ByteArrayOutputStream partOfALine = new ByteArrayOutputStream();
  private ArchiveStore.@Nullable Upload upload;
  private long archiveBytes;

  Receiving(ManifestWriter manifest, Uploads uploads) {
    this.manifest = manifest;
    this.uploads = uploads;
  }

  /** Takes data. */
  void take(ChunkReceiver.Data data) throws IOException {
    if (data.kind() == ChunkKind.ENTRIES) {
      takeLines(data.payload());
    } else {
      takeArchive(data.payload());
    }
  }

  private void takeLines(byte[] lines) throws IOException {
    int start = 0;
    for (int i = 0; i < lines.length; i++) {
      if (lines[i] == '\n') {
        partOfALine.write(lines, start, i - start);
        takeLine(partOfALine.toByteArray());
        partOfALine.reset();
        start = i + 1;
      }
    }
    if (start < lines.length) {
      throw malformed("a chunk of entries that ends within a line");
    }
  }

  private void takeLine(byte[] line) throws IOException {
    try {
      // Written anew from what was read: what stands in a manifest is what this program can read.
      manifest.addLines(set.add(EntryCodec.read(line)));
    } catch (MalformedMessageException | IllegalArgumentException e) {
      throw malformed("an entry that cannot be taken: " + e.getMessage());
    }
  }

  private void takeArchive(byte[] bytes) throws IOException {
    ArchiveStore.Upload open = upload == null ? uploads.begin() : upload;
    upload = open;
    digest.update(bytes);
    archiveBytes += bytes.length;
    open.write(bytes, 0, bytes.length);
  }

  /** How many entries have come. */
  long entries() {
    return set.entries();
  }

  /** How many bytes of the archive have come. */
  long archiveBytes() {
    return archiveBytes;
  }

  /**
   * Holds what came against what the agent says that it sent.
   *
   * @return the totals, as added up here
   * @throws StreamBrokenException when they differ
   */
  Totals verified(StreamMessage.Finished finished) throws StreamBrokenException {
    Sha256 own = Sha256.ofDigest(digest.digest());
    Totals totals = set.totals();
    if (finished.archiveBytes() != archiveBytes || !finished.archiveDigest().equals(own)) {
      throw malformed("the archive is not what the agent says it sent");
    }
    if (!totals.equals(finished.totals())) {
      throw malformed("the entries are not what the agent says it sent");
    }
    if (upload == null || finished.form() == null) {
      throw malformed("the agent finished without an archive");
    }
    return totals;
  }

  private static StreamBrokenException malformed(String why) {
    return new StreamBrokenException(StreamBrokenException.Kind.MALFORMED, why);
  }

  /** Makes the archive; to be called after {@link #verified}. */
  void completeUpload() throws IOException {
    if (upload != null) {
      upload.complete();
    }
  }

  /** Gives up the upload, unless it was completed. */
  @Override
  public void close() {
    if (upload != null) {
      upload.close();
    }
  }
}

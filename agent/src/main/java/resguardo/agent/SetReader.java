package resguardo.agent;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.concurrent.ExecutorService;
import resguardo.archive.ArchiveSink;
import resguardo.archive.MemberDeflater;
import resguardo.archive.SetTotals;
import resguardo.archive.TarGzWriter;
import resguardo.core.RawPath;
import resguardo.core.Sha256;
import resguardo.core.version.Entry;
import resguardo.core.version.Totals;

/**
 * Reads a set of files as it is on the disk now: only to know its fingerprint, or into an archive.
 */
final class SetReader {
  private static final int BUFFER = 64 * 1024;

  private final Path root;
  private final RawPath name;
  private final Progress progress;

  /** Told of every step, so that whoever waits hears that something is done. */
  interface Progress {
    void at(long entries, long bytes) throws IOException, InterruptedException;
  }

  /**
   * @param root where the set really is
   * @param name what its root is called in the archive
   */
  SetReader(Path root, RawPath name, Progress progress) {
    this.root = root;
    this.name = name;
    this.progress = progress;
  }

  /** Adds up what there is. */
  Totals totals() throws IOException, InterruptedException {
    SetTotals set = new SetTotals();
    Counter counter = new Counter();
    SourceWalker.walk(
        root,
        name,
        found -> {
          counter.entry();
          if (found.entry().type() == Entry.Type.FILE) {
            FileReader.read(
                found,
                (entry, content) -> add(set, digested(entry, content, counter)),
                (entry, none) -> add(set, entry));
          } else {
            set.add(found.entry());
          }
        });
    return set.totals();
  }

  private static Entry add(SetTotals set, Entry entry) {
    set.add(entry);
    return entry;
  }

  private Entry digested(Entry entry, InputStream content, Counter counter)
      throws IOException, InterruptedException {
    // The archive's writer is the one that knows what counts as the content of a file that changes;
    // here none is written.
    MessageDigest digest = Sha256.newDigest();
    byte[] buffer = new byte[BUFFER];
    long read = 0;
    boolean failed = false;
    try {
      for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
        digest.update(buffer, 0, n);
        read += n;
        counter.bytes(n);
      }
    } catch (IOException sourceFailed) {
      failed = true;
    }
    boolean asExpected = !failed && read == entry.size();
    return new Entry(
        entry.name(),
        entry.type(),
        entry.mode(),
        entry.uid(),
        entry.gid(),
        entry.user(),
        entry.group(),
        entry.mtimeSeconds(),
        entry.mtimeNanos(),
        entry.size(),
        Sha256.ofDigest(digest.digest()),
        null,
        null,
        asExpected ? entry.warning() : Entry.Warning.CHANGED_WHILE_READING);
  }

  /** Writes what there is as an archive. */
  TarGzWriter.Written archive(
      MemberDeflater deflater,
      ExecutorService threads,
      ArchiveSink sink,
      TarGzWriter.EntrySink entries)
      throws IOException, InterruptedException {
    TarGzWriter writer = new TarGzWriter(deflater, threads, sink, entries);
    Counter counter = new Counter();
    SourceWalker.walk(
        root,
        name,
        found -> {
          counter.entry();
          if (found.entry().type() == Entry.Type.FILE) {
            FileReader.read(
                found,
                (entry, content) -> writer.add(entry, into -> counted(content.read(into), counter)),
                (entry, none) -> writer.add(entry));
          } else {
            writer.add(found.entry());
          }
        });
    return writer.finish();
  }

  private static int counted(int read, Counter counter) {
    counter.read(read);
    return read;
  }

  private final class Counter {
    private long entries;
    private long bytes;

    void entry() throws IOException, InterruptedException {
      entries++;
      progress.at(entries, bytes);
    }

    void bytes(int read) throws IOException, InterruptedException {
      read(read);
      progress.at(entries, bytes);
    }

    void read(int read) {
      bytes += Math.max(0, read);
    }
  }
}

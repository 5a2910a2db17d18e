package resguardo.worker;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import resguardo.archive.ArchiveSink;
import resguardo.archive.ArchiveWriter;
import resguardo.archive.MemberCodecs;
import resguardo.archive.SetTotals;
import resguardo.archive.TarCheck;
import resguardo.core.RawPath;
import resguardo.core.catalog.Proof;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.StoreException;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.protocol.QueryJob;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.BlockPipe;
import resguardo.core.stream.Progress;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.Placed;
import resguardo.core.version.VersionHeader;

/**
 * A version restored to nowhere: its archive is made just as for an operator who restores it, read
 * as the agent or the admin reads it, and what comes out is held against the manifest, which is
 * read for itself. Memory is some blocks, whatever the size.
 */
final class TrialRestore {
  /** Blocks of the archive that wait to be read. */
  private static final int BLOCKS = 8;

  private static final int BUFFER = 256 * 1024;

  /** More would not tell anybody more. */
  private static final int MOST_PROBLEMS = 20;

  private final WorkerContext context;
  private final VersionArchive archive;
  private final VersionCatalog versions;
  private final VersionHeader header;
  private final @Nullable RawPath after;
  private final long most;
  private final GivingWay way;
  private final Progress progress;

  /**
   * @param archive of the version
   * @param after the last name before the sample; absent: it begins with the first
   * @param most bytes that are read; of what has no more all is
   * @param progress told of what came out right
   */
  TrialRestore(
      WorkerContext context,
      VersionArchive archive,
      VersionHeader header,
      @Nullable RawPath after,
      long most,
      GivingWay way,
      Progress progress) {
    this.context = context;
    this.archive = archive;
    this.versions = new VersionCatalog(context.store());
    this.header = header;
    this.after = after;
    this.most = most;
    this.way = way;
    this.progress = progress;
  }

  /**
   * What came of it.
   *
   * @param problems why it is not good; none: it is
   * @param window what was looked at
   * @param entries that came out as they should
   * @param bytes of their content
   */
  record Outcome(List<String> problems, DrillWindow window, long entries, long bytes) {}

  /**
   * Does it.
   *
   * @throws IOException when the store could not be used: nothing is known then
   */
  Outcome run() throws IOException, InterruptedException {
    boolean whole = isWhole();
    BlockPipe packed = new BlockPipe(BLOCKS);
    InputStream in = packed.in();
    ExecutorService thread = context.platform().pool("trial restore", 1);
    try {
      Future<Outcome> compared = thread.submit(() -> compared(in, window(whole)));
      Optional<String> problem = made(packed, whole);
      Outcome outcome = outcome(compared);
      return outcome.problems().isEmpty() && problem.isPresent()
          ? new Outcome(
              List.of(VersionCheck.told(problem.get())),
              outcome.window(),
              outcome.entries(),
              outcome.bytes())
          : outcome;
    } finally {
      in.close();
      thread.shutdownNow();
    }
  }

  private static Outcome outcome(Future<Outcome> compared)
      throws IOException, InterruptedException {
    try {
      return compared.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException told ? told : new IOException(e.getCause());
    }
  }

  /** Makes the archive; what is wrong with it, in words. */
  private Optional<String> made(BlockPipe packed, boolean whole)
      throws IOException, InterruptedException {
    ArchiveSink sink =
        bytes -> {
          way.went(bytes.length);
          packed.put(bytes);
        };
    try {
      StreamMessage end = whole ? whole(sink) : archive.some(window(whole), sink);
      packed.end();
      return end instanceof StreamMessage.Failed failed
          ? Optional.of(failed.why())
          : Optional.empty();
    } catch (InterruptedIOException e) {
      throw new InterruptedException(e.getMessage());
    } catch (MalformedMessageException | IOException | RuntimeException e) {
      packed.fail(new IOException(e.getMessage(), e));
      if (e instanceof StoreException store && !(e instanceof StoreException.NotFound)) {
        throw store;
      }
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private StreamMessage whole(ArchiveSink sink)
      throws IOException, InterruptedException, MalformedMessageException {
    return archive.read(null, QueryJob.Packing.AS_STORED, (opened, part) -> {}, sink);
  }

  /**
   * Whether all of it is looked at. What its entries are said to hold does not tell: a member may
   * be read for each of them. What cannot be read is found by the trial.
   */
  private boolean isWhole() throws StoreException {
    if (most == Long.MAX_VALUE || header.totals().bytes() > most) {
      return most == Long.MAX_VALUE;
    }
    DrillWindow all = new DrillWindow(null, most);
    try (ManifestReader manifest = versions.manifest(header.registration(), header.serial())) {
      Optional<byte[]> line = manifest.nextLine();
      while (line.isPresent() && all.extent() == Proof.Extent.WHOLE) {
        all.has(EntryCodec.read(line.get()), line.get().length);
        line = manifest.nextLine();
      }
    } catch (StoreException store) {
      throw store;
    } catch (MalformedMessageException | IllegalArgumentException | IOException e) {
      return true;
    }
    return all.extent() == Proof.Extent.WHOLE;
  }

  private DrillWindow window(boolean whole) {
    return whole ? new DrillWindow(null, Long.MAX_VALUE) : new DrillWindow(after, most);
  }

  private Outcome compared(InputStream packed, DrillWindow window) throws IOException {
    List<String> problems = new ArrayList<>();
    long entries = 0;
    long bytes = 0;
    try (packed;
        ManifestReader manifest = versions.manifest(header.registration(), header.serial());
        InputStream unpacked = MemberCodecs.unpacked(packed, BUFFER)) {
      TarCheck tar = new TarCheck(unpacked);
      SetTotals set = new SetTotals();
      LinkTargets links = new LinkTargets(header.totals());
      for (Optional<byte[]> line = manifest.nextLine();
          line.isPresent();
          line = manifest.nextLine()) {
        Placed placed = EntryCodec.read(line.get());
        Entry entry = placed.entry();
        set.add(entry, line.get());
        Optional<String> link = links.flaw(entry).map(what -> entry.name() + ": " + what);
        if (!window.has(placed, line.get().length)) {
          continue;
        }
        Optional<String> flaw =
            ArchiveWriter.hasTarForm(entry) ? tar.flaw(entry).or(() -> link) : Optional.empty();
        if (flaw.isPresent()) {
          problems.add(VersionCheck.told(flaw.get()));
          if (problems.size() == MOST_PROBLEMS) {
            return new Outcome(problems, window, entries, bytes);
          }
          continue;
        }
        entries++;
        bytes += entry.digest() == null ? 0 : entry.stored();
        progress.at(entries, bytes);
      }
      tar.end();
      if (!set.totals().equals(header.totals()) || !set.index().equals(header.index())) {
        problems.add("the manifest does not add up to what its header says");
      }
    } catch (StoreException store) {
      throw store;
    } catch (MalformedMessageException | IOException | RuntimeException e) {
      problems.add(VersionCheck.told(String.valueOf(e.getMessage())));
    }
    return new Outcome(problems, window, entries, bytes);
  }
}

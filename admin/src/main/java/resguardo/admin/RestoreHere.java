package resguardo.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Stream;
import resguardo.archive.Extractor;
import resguardo.archive.MemberCodecs;
import resguardo.archive.RestoreReport;
import resguardo.core.RawPath;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.BlockPipe;

/** A version as it comes, into a folder of this machine. */
final class RestoreHere {
  /** Chunks that wait to be unpacked, of 512 KiB each. */
  private static final int PACKED_BLOCKS = 8;

  /** Unpacked blocks that wait to be written. */
  private static final int BLOCKS = 16;

  private static final int BLOCK = 256 * 1024;

  private final String doing;
  private final RawPath what;
  private final Path to;
  private final Consumer<String> warnings;
  private final Bar bar;

  /**
   * @param doing for {@code Failed to …}
   * @param what was backed up, as it is called in archives; what else comes is refused
   * @param warnings told what could not be restored as it was, as it goes
   * @param bar shows how much content is there
   */
  RestoreHere(String doing, RawPath what, Path to, Consumer<String> warnings, Bar bar) {
    this.what = what;
    this.doing = doing;
    this.to = to;
    this.warnings = warnings;
    this.bar = bar;
  }

  /**
   * Makes the folder, if it is not there.
   *
   * @throws AdminException when there is something in it that may not be overwritten
   */
  void prepare(boolean overwrite) throws AdminException, IOException {
    Files.createDirectories(to);
    try (Stream<Path> there = Files.list(to)) {
      if (!overwrite && there.findAny().isPresent()) {
        throw new AdminException(
            ExitCode.USAGE,
            "Failed to " + doing + ": " + to + " is not empty.",
            VersionQuery.ANOTHER_FOLDER);
      }
    }
  }

  /**
   * Restores it.
   *
   * @throws AdminException when it cannot be had, or be written
   */
  RestoreCommand.Done run(ArchiveSource source)
      throws AdminException, IOException, InterruptedException {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    BlockPipe packed = new BlockPipe(PACKED_BLOCKS);
    try (OutputStream pipe = packed.out()) {
      Future<StreamMessage.Restored> extracted = thread.submit(() -> extract(packed.in()));
      VersionQuery.Served served = receive(source, pipe, extracted);
      pipe.close();
      return new RestoreCommand.Done(served.opened(), extracted.get());
    } catch (ExecutionException e) {
      throw new AdminException(
          ExitCode.FAILED,
          "Failed to " + doing + ": " + reason(e) + ".",
          "What was restored until then is in " + to + ".");
    } finally {
      thread.shutdownNow();
    }
  }

  private static String reason(ExecutionException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return cause instanceof FileSystemException
        ? cause.toString()
        : String.valueOf(cause.getMessage());
  }

  /** Receiving, unpacking and writing go on at the same time. */
  private StreamMessage.Restored extract(InputStream packed) throws IOException {
    RestoreReport report = new RestoreReport();
    try (packed;
        InputStream tar = BlockPipe.ahead(MemberCodecs.unpacked(packed, BLOCK), BLOCK, BLOCKS)) {
      Consumer<String> both = warnings.andThen(report::warn);
      Path real = to.toRealPath();
      Extractor extractor =
          new Extractor(real, Extractor.maySetOwners(), both, (files, bytes) -> bar.at(bytes));
      return report.of(extractor.only(what).run(tar));
    }
  }

  /** What counts is what lies in the folder, not what came. */
  private record OfContent(Bar bar) implements ArchiveSource.Progress {
    @Override
    public void opened(StreamMessage.QueryOpened opened) {
      bar.ofContent(opened);
    }

    @Override
    public void at(long bytes) {
      // of the archive
    }
  }

  private VersionQuery.Served receive(
      ArchiveSource source, OutputStream pipe, Future<StreamMessage.Restored> extracted)
      throws AdminException, IOException, InterruptedException, ExecutionException {
    try {
      return source.into(pipe, new OfContent(bar));
    } catch (IOException nobodyReads) {
      pipe.close();
      extracted.get(); // says why
      throw nobodyReads;
    }
  }
}

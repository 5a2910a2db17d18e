package resguardo.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import resguardo.archive.AgeIdentities;
import resguardo.archive.Extractor;
import resguardo.archive.MemberCodecs;
import resguardo.core.Role;
import resguardo.core.protocol.Command.Query;
import resguardo.core.protocol.QueryJob;
import resguardo.core.stream.BlockPipe;
import resguardo.infra.rabbit.RabbitBroker;

/** A version back as files. */
@Command(
    name = "restore",
    description =
        "Restores a version, the latest unless another is asked for, into a folder of this machine.")
final class RestoreCommand implements Callable<Integer> {
  /** Chunks that wait to be unpacked, of 512 KiB each. */
  private static final int PACKED_BLOCKS = 8;

  /** Unpacked blocks that wait to be written. */
  private static final int BLOCKS = 16;

  private static final int BLOCK = 256 * 1024;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Mixin private OnPath of = new OnPath();

  @Mixin private WhichVersion which = new WhichVersion();

  @Mixin private WhichEntries entries = new WhichEntries();

  @Mixin private IdentityFile identity = new IdentityFile();

  @Option(
      names = "--to",
      required = true,
      paramLabel = "DIR",
      description =
          "Where to: files go below it under their absolute path. Made if it is not there.")
  @SuppressWarnings("NullAway.Init") // required
  private Path to;

  @Option(
      names = "--overwrite",
      description = "Restore into a folder that is not empty; files of the same name are replaced.")
  private boolean overwrite;

  @Override
  public Integer call() throws Exception {
    String doing = "restore " + of;
    AgeIdentities keys = identity.read(doing);
    refuseFull(doing);
    ExecutorService thread = Executors.newSingleThreadExecutor();
    BlockPipe packed = new BlockPipe(PACKED_BLOCKS);
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing);
        OutputStream pipe = packed.out()) {
      ArchiveSource source =
          ArchiveSource.of(
              session.query(broker, doing), this::question, QueryJob.Packing.AS_STORED, keys);
      Future<Extractor.Restored> extracted = thread.submit(() -> extract(packed.in()));
      VersionQuery.Served served = receive(source, pipe, extracted);
      pipe.close();
      Extractor.Restored restored = extracted.get();
      spec.commandLine()
          .getOut()
          .printf(
              "restored version %s of %s to %s (%d files, %s)%n",
              served.opened().header().serial(),
              of,
              to,
              restored.files(),
              Listing.size(restored.bytes()));
      return ExitCode.DONE.number();
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
    return cause instanceof java.nio.file.FileSystemException
        ? cause.toString()
        : String.valueOf(cause.getMessage());
  }

  private void refuseFull(String doing) throws AdminException, IOException {
    Files.createDirectories(to);
    try (Stream<Path> there = Files.list(to)) {
      if (!overwrite && there.findAny().isPresent()) {
        throw new AdminException(
            ExitCode.USAGE,
            "Failed to " + doing + ": " + to + " is not empty.",
            "Give another folder, or --overwrite.");
      }
    }
  }

  /** Receiving, unpacking and writing go on at the same time. */
  private Extractor.Restored extract(InputStream packed) throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    boolean root = "root".equals(System.getProperty("user.name"));
    try (packed;
        InputStream tar = BlockPipe.ahead(MemberCodecs.unpacked(packed, BLOCK), BLOCK, BLOCKS)) {
      return new Extractor(to, root, err::println).run(tar);
    }
  }

  private VersionQuery.Served receive(
      ArchiveSource source, OutputStream pipe, Future<Extractor.Restored> extracted)
      throws AdminException, IOException, InterruptedException, ExecutionException {
    try {
      return source.into(pipe, bytes -> {});
    } catch (IOException nobodyReads) {
      pipe.close();
      extracted.get(); // says why
      throw nobodyReads;
    }
  }

  private Desk.Question question(QueryJob.What what, QueryJob.Packing packing) {
    return replyTo ->
        new Query(of.node(), of.path(), which.choice(), what, entries.asked(), packing, replyTo);
  }
}

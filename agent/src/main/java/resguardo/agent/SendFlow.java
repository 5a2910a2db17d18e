package resguardo.agent;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import resguardo.agent.cache.CacheFolder;
import resguardo.agent.cache.KnownStates;
import resguardo.agent.cache.LineCacheReader;
import resguardo.agent.cache.LineCacheWriter;
import resguardo.agent.hook.AroundBackup;
import resguardo.agent.hook.Hooks;
import resguardo.agent.ignore.IgnoreRules;
import resguardo.archive.ArchiveSink;
import resguardo.archive.ArchiveWriter;
import resguardo.archive.Deflaters;
import resguardo.archive.EncryptingDeflater;
import resguardo.archive.MemberDeflater;
import resguardo.archive.RawPaths;
import resguardo.archive.SourceFolder;
import resguardo.core.BackupOptions;
import resguardo.core.RawPath;
import resguardo.core.RegistrationKey;
import resguardo.core.port.BrokerException;
import resguardo.core.port.ChunkKind;
import resguardo.core.port.Platform;
import resguardo.core.port.Tracing;
import resguardo.core.protocol.AgentOrder;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.ChunkSender;
import resguardo.core.stream.ChunkedOutput;
import resguardo.core.stream.Progress;
import resguardo.core.stream.SignsOfLife;
import resguardo.core.stream.StreamBrokenException;
import resguardo.core.version.Totals;
import resguardo.infra.runtime.ActivityLog;

/** One accepted order carried out: allowed? → base → compare → send → finish. */
final class SendFlow {
  private static final String NOT_MOUNTED =
      "%s is not mounted any more; if that is meant, unregister and register it again";

  private final AllowList allow;
  private final CacheFolder caches;
  private final Platform platform;
  private final AgentOrder.ScanAndSend order;
  private final RegistrationKey key;
  private final BackupOptions options;
  private final Inbox<AgentOrder.BaseLines> baseLines;
  private final ChunkSender sender;
  private final Whereabouts whereabouts;
  private final ExecutorService compressors;
  private final ActivityLog activity;
  private final MemberDeflater deflater;
  private final SignsOfLife signs;
  private final LongLines longLines;
  private final AtomicReference<@Nullable UnfinishedFile> unfinished;
  private final AroundBackup hooks;

  SendFlow(
      AllowList allow,
      Hooks hooks,
      CacheFolder caches,
      MemberDeflater deflater,
      Platform platform,
      AgentOrder.ScanAndSend order,
      Inbox<AgentOrder.BaseLines> baseLines,
      ChunkSender sender,
      Whereabouts whereabouts,
      ExecutorService compressors,
      LongLines longLines,
      AtomicReference<@Nullable UnfinishedFile> unfinished,
      ActivityLog activity) {
    this.allow = allow;
    this.caches = caches;
    this.deflater = deflater;
    this.platform = platform;
    this.order = order;
    this.key = order.job().registration();
    this.options = BackupOptions.orNone(order.options());
    this.baseLines = baseLines;
    this.sender = sender;
    this.whereabouts = whereabouts;
    this.signs = new SignsOfLife(sender, platform);
    this.compressors = compressors;
    this.longLines = longLines;
    this.unfinished = unfinished;
    this.activity = activity;
    this.hooks = new AroundBackup(hooks, order.job(), activity);
  }

  /** Carries it out. However it ends, the receiver is told, if it is still there. */
  void run() throws InterruptedException {
    AroundBackup.Outcome ended = AroundBackup.Outcome.CANCELLED;
    try (Tracing.Step step =
        platform
            .tracing()
            .begin("scan and send", order.job().id())
            .with("resguardo.node", key.node())
            .with("resguardo.path", key.path())) {
      ended = run(step);
    } finally {
      whereabouts.leaves();
      hooks.after(ended);
    }
  }

  private AroundBackup.Outcome run(Tracing.Step step) throws InterruptedException {
    try {
      StreamMessage last = outcome();
      sender.message(last);
      step.with("resguardo.outcome", last.getClass().getSimpleName().toLowerCase(Locale.ROOT));
      if (last instanceof StreamMessage.Failed failed) {
        step.failed(failed.why());
      }
      return outcome(last);
    } catch (StreamBrokenException e) {
      step.failed(e.getMessage());
      activity.tell(order.job(), "stopped sending: " + e.getMessage());
    } catch (BrokerException e) {
      step.failed(e.getMessage());
      activity.tell(order.job(), "could not go on sending: " + e.getMessage());
    }
    return AroundBackup.Outcome.CANCELLED;
  }

  private static AroundBackup.Outcome outcome(StreamMessage last) {
    if (last instanceof StreamMessage.Finished) {
      return AroundBackup.Outcome.SENT;
    } else if (last instanceof StreamMessage.Unchanged) {
      return AroundBackup.Outcome.UNCHANGED;
    }
    return last instanceof StreamMessage.Sliced
        ? AroundBackup.Outcome.SLICED
        : AroundBackup.Outcome.FAILED;
  }

  private StreamMessage outcome()
      throws StreamBrokenException, BrokerException, InterruptedException {
    try {
      whereabouts.comesTo(key.path().memberName());
      allow.check(key.path());
      whereabouts.leaves();
      hooks.before(signs); // it may make what is to be sent
      whereabouts.comesTo(key.path().memberName());
      Path root = allow.resolve(key.path());
      tellUnusable();
      return isNotMounted(root)
          ? failed(StreamMessage.Failed.Kind.SOURCE_MISSING, NOT_MOUNTED.formatted(key.path()))
          : held(root);
    } catch (StreamBrokenException | BrokerException e) {
      throw e;
    } catch (AroundBackup.BeforeFailedException e) {
      return failed(StreamMessage.Failed.Kind.HOOK_FAILED, String.valueOf(e.getMessage()));
    } catch (AllowList.RefusedException e) {
      StreamMessage.Failed.Kind kind =
          e.missing()
              ? StreamMessage.Failed.Kind.SOURCE_MISSING
              : StreamMessage.Failed.Kind.NOT_ALLOWED;
      return failed(kind, String.valueOf(e.getMessage()));
    } catch (NoSuchFileException e) {
      return failed(
          StreamMessage.Failed.Kind.SOURCE_MISSING,
          order.job().registration().path() + " is not there");
    } catch (ImpossibleException e) {
      return failed(StreamMessage.Failed.Kind.IMPOSSIBLE, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return failed(StreamMessage.Failed.Kind.BROKEN, "the source could not be read: " + e);
    }
  }

  /**
   * From here on what is read lies where the path really was when it was allowed, whatever somebody
   * on the node puts in the way.
   */
  private StreamMessage held(Path root) throws IOException, InterruptedException {
    Path above = root.getParent();
    if (above == null) {
      return unchangedOrSent(root);
    }
    try (SourceFolder folder = SourceFolder.at(above)) {
      return unchangedOrSent(RawPaths.below(folder.path(), RawPaths.name(root)));
    }
  }

  /**
   * Whether a file system was mounted there, and is not any more: what is there then looks as if
   * all had been deleted.
   */
  private boolean isNotMounted(Path root) throws IOException {
    Path parent = root.getParent();
    boolean mounted =
        parent != null && FileState.of(parent).device() != FileState.of(root).device();
    if (mounted) {
      caches.rememberMount(key, order.job().generation());
    }
    return !mounted && caches.wasMount(key, order.job().generation());
  }

  private void tellUnusable() {
    for (String pattern : IgnoreRules.unusable(options.exclude())) {
      activity.tell(order.job(), "cannot use a pattern to exclude, it matches nothing: " + pattern);
    }
  }

  private StreamMessage failed(StreamMessage.Failed.Kind kind, String why) {
    activity.tell(order.job(), "nothing sent: " + why);
    return new StreamMessage.Failed(kind, why);
  }

  private StreamMessage unchangedOrSent(Path root) throws IOException, InterruptedException {
    Path cache = order.base() == null ? null : base(order.base());
    try {
      if (cache != null && order.whole()) {
        // What is as it was stays as it lies; only with what is not, the rest is written anew.
        Optional<StreamMessage> same = compared(root, cache, true);
        return same.isPresent() ? same.get() : compared(root, null, false).orElseThrow();
      }
      return compared(root, cache, false).orElseThrow();
    } catch (LineCacheReader.DamagedCacheException damaged) {
      if (order.base() != null) {
        caches.discard(key, order.base().index());
      }
      throw damaged;
    }
  }

  /** The cache of the base, from the last round or from the worker. */
  private Path base(AgentOrder.Base base) throws IOException, InterruptedException {
    Optional<Path> kept = caches.find(key, base.index());
    if (kept.isPresent()) {
      return kept.get();
    }
    whereabouts.leaves();
    sender.message(new StreamMessage.NeedBase());
    try (KnownStates known = KnownStates.of(caches.before(key));
        LineCacheWriter lines = caches.create(key)) {
      BaseInbox.unpack(baseLines, lines, known);
      LineCacheWriter.Finished finished = lines.finish();
      if (!finished.index().equals(base.index())) {
        throw new StreamBrokenException(
            StreamBrokenException.Kind.CORRUPT, "the base that came is not the one it should be");
      }
      caches.keep(key, finished);
    }
    return caches.find(key, base.index()).orElseThrow();
  }

  private Optional<StreamMessage> compared(Path root, @Nullable Path base, boolean onlyCompare)
      throws IOException, InterruptedException {
    try (Tracing.Step step = platform.tracing().begin(onlyCompare ? "compare" : "pack")) {
      return comparison(root, base, onlyCompare);
    }
  }

  /** The set against a base; empty when it differs and no more was asked. */
  private Optional<StreamMessage> comparison(Path root, @Nullable Path base, boolean onlyCompare)
      throws IOException, InterruptedException {
    RawPath name = order.job().registration().path().memberName();
    ChunkedOutput entries = new ChunkedOutput(sender, ChunkKind.ENTRIES, order.chunkBytes());
    ChunkedOutput packed = new ChunkedOutput(sender, ChunkKind.ARCHIVE, order.chunkBytes());
    Warnings warnings = new Warnings(options.strict());
    LongLines.Bound bound = longLines.upTo(order.longestLine());
    whereabouts.holds(bound::letGo);
    try (NewLines lines =
            new NewLines(caches, key, base, unlessFatal(warnings, entries), warnings, bound);
        LineCacheReader reader = base == null ? null : new LineCacheReader(base)) {
      ArchiveWriter archive =
          new ArchiveWriter(
              packing(),
              compressors,
              order.archive(),
              base == null,
              unlessFatal(warnings, packed),
              lines);
      SetScan scan =
          new SetScan(
              reader,
              base,
              archive,
              lines,
              new Steps(),
              platform.clock(),
              onlyCompare,
              slicing(archive, base, onlyCompare),
              unfinished);
      boolean differs = scan.run(root, name, options);
      whereabouts.leaves();
      scan.keptFrom().forEach(what -> activity.tell(order.job(), what));
      RawPath upTo = scan.upTo();
      if (!differs && upTo == null) {
        return Optional.of(
            warnings.fatal()
                ? failed(StreamMessage.Failed.Kind.WARNED, warnings.told())
                : unchanged(lines, Objects.requireNonNull(reader)));
      } else if (onlyCompare) {
        return Optional.empty();
      }
      ArchiveWriter.Written written = archive.finish();
      return Optional.of(
          warnings.fatal()
              ? failed(StreamMessage.Failed.Kind.WARNED, warnings.told())
              : sent(written, packed, entries, lines, upTo));
    }
  }

  /** Those of a walk, for whoever waits and whoever watches over this thread. */
  private final class Steps implements Progress {
    @Override
    public void comesTo(RawPath name) {
      whereabouts.comesTo(name);
    }

    @Override
    public void at(long entries, long bytes) throws IOException {
      whereabouts.goesOn();
      signs.at(entries, bytes);
    }
  }

  private Slicing slicing(ArchiveWriter archive, @Nullable Path base, boolean onlyCompare) {
    return new Slicing(
        onlyCompare ? null : order.slice(),
        base == null || order.base() == null ? null : order.base().upTo(),
        archive::written,
        platform::nanoTime);
  }

  private static ArchiveSink unlessFatal(Warnings warnings, ChunkedOutput output) {
    return bytes -> {
      if (!warnings.fatal()) {
        output.add(bytes);
      }
    };
  }

  /** Archives cannot be packed as the options ask for. */
  private static final class ImpossibleException extends IOException {
    private static final long serialVersionUID = 1;

    ImpossibleException(Exception cause) {
      super(cause.getMessage(), cause);
    }
  }

  private MemberDeflater packing() throws ImpossibleException {
    try {
      return EncryptingDeflater.to(
          options.encryptTo(), Deflaters.of(options.codec(), options.level(), deflater));
    } catch (IOException | IllegalArgumentException e) {
      throw new ImpossibleException(e);
    }
  }

  private StreamMessage unchanged(NewLines lines, LineCacheReader base) throws IOException {
    if (lines.statesDiffer()) {
      lines.keepStates();
    }
    activity.tell(order.job(), "unchanged: " + base.totals().entries() + " entries looked at");
    return new StreamMessage.Unchanged(base.totals());
  }

  private StreamMessage sent(
      ArchiveWriter.Written written,
      ChunkedOutput packed,
      ChunkedOutput entries,
      NewLines lines,
      @Nullable RawPath upTo)
      throws IOException, InterruptedException {
    packed.flush();
    entries.flush();
    Totals totals = lines.finish().totals();
    String sent = "sent " + written.bytes() + " bytes packed";
    if (upTo != null) {
      activity.tell(order.job(), sent + ", a slice of a set up to " + upTo);
      return new StreamMessage.Sliced(
          written.bytes(), written.digest(), totals, written.form(), upTo);
    }
    activity.tell(order.job(), sent + " of a set of " + totals.entries() + " entries");
    return new StreamMessage.Finished(written.bytes(), written.digest(), totals, written.form());
  }
}

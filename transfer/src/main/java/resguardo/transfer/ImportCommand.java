package resguardo.transfer;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import resguardo.core.BackupOptions;
import resguardo.core.NodeName;
import resguardo.core.RawPath;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.SourcePath;
import resguardo.core.Texts;
import resguardo.core.catalog.Registry;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Platform;
import resguardo.infra.runtime.Environment;
import resguardo.infra.store.S3Policy;
import resguardo.infra.store.StoreUri;
import resguardo.transfer.tarball.Naming;
import resguardo.transfer.tarball.TakeOver;
import resguardo.transfer.tarball.Tarball;
import resguardo.transfer.tarball.TarballFolder;

/** Makes versions of a folder of tarballs. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Makes versions of the tarballs of a folder: of names such as node-path12.tgz and backup-2026-11-24T09-03-36.tar.gz, or of others by"
          + " --pattern. Compressed by gzip, zstd, bzip2 or not at all. Each becomes a version with its own time; what two have"
          + " in common is stored once. To run it again is to go on: what is a version already is passed over."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  transfer import /old --node alpha --path /srv/data --dry-run",
      "  transfer import /old --node alpha --path /srv/data --freq 3600",
      "  transfer import /archive --node alpha --path /var/lib/docker/volumes/app/_data --inside backup/app --prefix backup-"
    })
final class ImportCommand implements Callable<Integer> {
  private static final int COMPRESSORS = 2;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "FOLDER",
      description = "Where the tarballs are. What lies in folders in it is not looked at.")
  private @Nullable Path folder;

  @Option(
      names = "--node",
      converter = Converters.Node.class,
      description = "Whose tarballs they are.")
  private @Nullable NodeName node;

  @Option(names = "--path", converter = Converters.Source.class, description = "Of which path.")
  private @Nullable SourcePath path;

  @Option(
      names = "--derive",
      description =
          "Take nodes and paths from names of the form [node]-[path][num].tgz, in which a path has letters only, and - or _ for its"
              + " slashes. --dry-run shows what comes of it.")
  private boolean derive;

  @Option(
      names = "--inside",
      paramLabel = "NAME",
      converter = Converters.Inside.class,
      description =
          "Which folder of each tarball stands for the path, such as backup/app; . is all of it. Default: the path itself, else its last"
              + " part at the top, else ./, whichever is there.")
  private @Nullable RawPath inside;

  @Option(names = "--prefix", paramLabel = "TEXT", description = "Only files whose names begin so.")
  private @Nullable String prefix;

  @Option(
      names = "--pattern",
      paramLabel = "REGEX",
      description =
          "How the whole names read, with a group (?<number>…), or (?<time>…) of year, month, day and perhaps hour, minute, second.")
  private @Nullable String pattern;

  @Option(
      names = "--tz",
      paramLabel = "ZONE",
      description = "Time zone of times in names. Default: UTC.")
  private ZoneId zone = ZoneOffset.UTC;

  @Option(
      names = {"--freq", "--every"},
      paramLabel = "TIME",
      converter = Interval.class,
      description =
          "Have the path backed up from then on, every so many seconds (or 15m, 12h). Default: it is not registered.")
  private @Nullable Duration every;

  @Option(
      names = "--paused",
      description = "With --freq: registered, but paused until `admin resume`.")
  private boolean paused;

  @Option(
      names = "--codec",
      description = "How it is compressed: gzip or zstd. Default: as registered, or gzip.")
  private BackupOptions.@Nullable Codec codec;

  @Option(
      names = "--encrypt-to",
      paramLabel = "AGE1…",
      description =
          "Encrypt the content to this age public key; may be given several times. Default: as registered, or nobody.")
  private List<String> encryptTo = new ArrayList<>();

  @Option(names = "--dry-run", description = "Read all of it and show what would be done.")
  private boolean dryRun;

  @Option(
      names = "--skip-broken",
      description =
          "Go on after a tarball that cannot be taken over. It cannot be any more then, as versions come in the order of their times.")
  private boolean skipBroken;

  @Option(
      names = "--spool",
      paramLabel = "FOLDER",
      description =
          "Where there is room for the content of the largest tarball. Default: the folder for temporary files.")
  private @Nullable Path spool;

  @Option(
      names = "--largest",
      paramLabel = "SIZE",
      converter = Converters.Bytes.class,
      description =
          "Refuse a tarball that has more, unpacked, such as 500GiB. Default: it ends at one that takes more than nine tenths of what is free"
              + " in the spool.")
  private @Nullable Long largest;

  @Option(
      names = "--amqp-uri",
      description =
          "With --freq: where the broker is. Default: $$RESGUARDO_AMQP_URI. Prefer that: this shows in the process list.")
  private @Nullable String amqpUri;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "How long to wait for the coordinator. Default: ${DEFAULT-VALUE}.",
      defaultValue = "30")
  private int timeoutSeconds = 30;

  @Mixin private AtStore at = new AtStore();

  @Option(
      names = "--print-policy",
      description =
          "Print the least rights that the key needs for this, as a policy for an S3, and do nothing else.")
  private boolean printPolicy;

  @Override
  public Integer call() throws Exception {
    Environment environment = Environment.ofProcess();
    StoreUri uri = at.store(environment);
    if (printPolicy) {
      spec.commandLine().getOut().println(uri.policy(S3Policy.Transfer.IMPORT));
      return Main.DONE;
    }
    Map<RegistrationKey, List<Tarball>> all = plan();
    boolean complete = true;
    List<RegistrationKey> unregistered;
    ExecutorService threads = Platform.ofJvm().pool("compress", COMPRESSORS);
    try (ArchiveStore store = uri.open(environment::tls)) {
      if (!dryRun) {
        store.prepare();
      }
      for (Map.Entry<RegistrationKey, List<Tarball>> one : all.entrySet()) {
        complete &= takeOver(store, threads, one.getKey(), one.getValue());
      }
      unregistered = unregistered(store, all.keySet());
    } finally {
      threads.shutdownNow();
    }
    if (!complete) {
      return Main.FAILED;
    }
    register(environment, unregistered);
    return Main.DONE;
  }

  /**
   * Those that are registered stay as they are: to register them again would reset their options.
   */
  private static List<RegistrationKey> unregistered(ArchiveStore store, Set<RegistrationKey> keys)
      throws IOException {
    List<RegistrationKey> unregistered = new ArrayList<>();
    for (RegistrationKey key : keys) {
      if (new Registry(store).find(key).filter(Registration::active).isEmpty()) {
        unregistered.add(key);
      }
    }
    return unregistered;
  }

  private Map<RegistrationKey, List<Tarball>> plan() throws IOException {
    if (folder == null) {
      throw new ParameterException(spec.commandLine(), "Say in which folder the tarballs are.");
    } else if (derive == (path != null) || (path != null) != (node != null)) {
      throw new ParameterException(
          spec.commandLine(), "Give --node and --path, or --derive to take both from the names.");
    }
    TarballFolder tarballs = new TarballFolder(folder, naming());
    Map<RegistrationKey, List<Tarball>> all = new TreeMap<>();
    List<RegistrationKey> keys = new ArrayList<>();
    if (node != null && path != null) {
      keys.add(new RegistrationKey(node, path));
    } else {
      keys.addAll(tarballs.derived());
    }
    for (RegistrationKey key : keys) {
      List<Tarball> of = tarballs.of(key);
      if (!of.isEmpty()) {
        all.put(key, of);
      }
    }
    if (all.isEmpty()) {
      throw new IOException(
          "of the "
              + tarballs.tarballs()
              + " tarballs in "
              + folder
              + " none is called as one of "
              + (keys.isEmpty() ? "any node and path" : keys.get(0))
              + "; --pattern says how they are called");
    }
    return all;
  }

  private Naming naming() {
    try {
      return new Naming(prefix, pattern == null ? null : Pattern.compile(pattern), zone);
    } catch (PatternSyntaxException e) {
      throw new ParameterException(
          spec.commandLine(), "--pattern cannot be used: " + e.getMessage());
    }
  }

  private boolean takeOver(
      ArchiveStore store, ExecutorService threads, RegistrationKey key, List<Tarball> tarballs)
      throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    out.println(Texts.shown(key + ": " + tarballs.size() + " tarballs"));
    TakeOver.Wanted wanted =
        new TakeOver.Wanted(key, inside, options(), dryRun, skipBroken, largest);
    TakeOver takeOver =
        new TakeOver(
            store,
            spool == null ? Path.of(System.getProperty("java.io.tmpdir", "/tmp")) : spool,
            threads,
            Platform.ofJvm(),
            wanted,
            this::tell);
    TakeOver.Summary summary = takeOver.run(tarballs);
    int left = tarballs.size() - summary.made() - summary.known() - summary.refused();
    out.printf(
        "%s: %d, already: %d, refused: %d, left: %d%n",
        dryRun ? "to be imported" : "imported",
        summary.made(),
        summary.known(),
        summary.refused(),
        left);
    out.flush();
    return summary.refused() == 0;
  }

  private void tell(TakeOver.Step step) {
    String word =
        switch (step.outcome()) {
          case MADE -> "version " + (step.version() == null ? "" : step.version().serial()) + ": ";
          case KNOWN -> "";
          case PLANNED -> "to be imported: ";
          case REFUSED -> "refused: ";
        };
    PrintWriter to =
        step.outcome() == TakeOver.Outcome.REFUSED
            ? spec.commandLine().getErr()
            : spec.commandLine().getOut();
    Tarball tarball = step.tarball();
    to.println(Texts.shown(tarball.slot() + "  " + tarball.name() + "  " + word + step.note()));
    to.flush();
  }

  /** Absent: as the registration says. */
  private @Nullable BackupOptions options() {
    if (codec == null && encryptTo.isEmpty()) {
      return null;
    }
    return new BackupOptions(
        List.of(),
        false,
        codec == null ? BackupOptions.Codec.GZIP : codec,
        null,
        encryptTo,
        false,
        null);
  }

  private void register(Environment environment, List<RegistrationKey> keys)
      throws Main.ToldException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    if (keys.isEmpty()) {
      return;
    } else if (every == null || dryRun) {
      for (RegistrationKey key : keys) {
        out.println(
            Texts.shown(
                "To have it backed up: admin publish register --node "
                    + key.node()
                    + " --path "
                    + key.path()
                    + " --freq "
                    + (every == null ? "SECONDS" : every.toSeconds())
                    + " --wait"));
      }
      return;
    }
    try (Registering registering =
        Registering.at(environment, amqpUri, Duration.ofSeconds(timeoutSeconds))) {
      for (RegistrationKey key : keys) {
        registering.register(key, every, options(), paused);
        out.println(
            Texts.shown(
                "registered "
                    + key
                    + " every "
                    + every.toSeconds()
                    + " s"
                    + (paused ? ", paused until admin resume" : "")));
      }
    }
  }
}

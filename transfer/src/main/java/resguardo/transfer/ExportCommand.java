package resguardo.transfer;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import resguardo.core.NodeName;
import resguardo.core.Role;
import resguardo.core.SourcePath;
import resguardo.core.Texts;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Platform;
import resguardo.infra.runtime.Environment;
import resguardo.infra.runtime.HealthOptions;
import resguardo.infra.runtime.Instances;
import resguardo.infra.runtime.RunningProcess;
import resguardo.infra.store.S3Policy;
import resguardo.infra.store.StoreUri;
import resguardo.transfer.copy.Export;
import resguardo.transfer.copy.ExportOptions;
import resguardo.transfer.copy.ExportSummary;

/** Copies versions to another bucket. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Copies versions, registrations and settings to another bucket, of another provider or region, and keeps it in step: what is there"
            + " already is not copied again. Each archive is held against its digest. The copy can be restored from, and gone"
            + " on with, as the bucket that it is of.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  RESGUARDO_EXPORT_TO='s3://KEY:SECRET@s3.eu-west-1.example.com/copy?region=eu-west-1' transfer export",
      "  transfer export --to file:///mnt/disk/copy --node alpha --last 5",
      "  transfer export --every 15m --prune --grace 14d --bandwidth 10MiB"
    })
final class ExportCommand implements Callable<Integer> {
  /** Where versions are copied to. */
  private static final String TO = "RESGUARDO_EXPORT_TO";

  /** Which key a policy is for. */
  enum Side {
    SOURCE,
    TARGET
  }

  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Option(
      names = "--to",
      paramLabel = "URI",
      description =
          "The other bucket: s3://KEY:SECRET@host/bucket?region=… or file:///folder. Default: $$RESGUARDO_EXPORT_TO. Prefer that: this"
              + " shows in the process list.")
  private @Nullable String to;

  @Option(
      names = "--node",
      converter = Converters.Node.class,
      description = "Only what is of this node.")
  private @Nullable NodeName node;

  @Option(
      names = "--path",
      converter = Converters.Source.class,
      description = "Only what is of this path of the node.")
  private @Nullable SourcePath path;

  @Option(
      names = "--last",
      paramLabel = "N",
      description = "Only the newest N versions of each. Older ones that were copied stay.")
  private @Nullable Integer last;

  @Option(
      names = "--every",
      paramLabel = "TIME",
      converter = Interval.class,
      description = "Go on: look again after this time, such as 15m. Default: once.")
  private @Nullable Duration every;

  @Option(
      names = "--bandwidth",
      paramLabel = "RATE",
      converter = Converters.Bytes.class,
      description =
          "Copy at most so much a second, such as 10MiB: of archives, on the average, as they go in parts of 8 MiB and more.")
  private @Nullable Long bandwidth;

  @Option(
      names = "--parallel",
      paramLabel = "N",
      description =
          "Copy so many registrations at once, 1 to 64: more fill a line on which answers take long. --bandwidth is for all together."
              + " Default: ${DEFAULT-VALUE}.",
      defaultValue = "" + ExportOptions.PARALLEL)
  private int parallel = ExportOptions.PARALLEL;

  @Option(
      names = "--lock-for",
      paramLabel = "TIME",
      converter = Interval.class,
      description =
          "Let nobody remove what is copied for this time from then on, such as 30d: for a bucket with object lock.")
  private @Nullable Duration lock;

  @Option(
      names = "--prune",
      description =
          "Remove versions at the target that the source has no more. Never the last ones of a registration, and none when more than half"
              + " of them are gone at once.")
  private boolean prune;

  @Option(
      names = "--grace",
      paramLabel = "TIME",
      converter = Interval.class,
      description = "How long they stay after that was first seen. Default: ${DEFAULT-VALUE}.",
      defaultValue = "7d")
  private Duration grace = Duration.ofDays(7);

  @Option(names = "--prune-any", description = "With --prune: also when more than half are gone.")
  private boolean any;

  @Mixin private AtStore at = new AtStore();

  @Mixin private HealthOptions health = new HealthOptions();

  @Option(
      names = "--print-policy",
      paramLabel = "source|target",
      description =
          "Print the least rights that the key of the one or the other needs, with these options, as a policy for an S3, and do nothing"
              + " else.")
  private @Nullable Side policy;

  @Override
  public Integer call() throws Exception {
    ExportOptions options = options(); // before anything is opened or made
    Environment environment = Environment.ofProcess();
    if (policy == Side.SOURCE) {
      spec.commandLine().getOut().println(at.store(environment).policy(S3Policy.Transfer.SOURCE));
      return Main.DONE;
    }
    StoreUri target = target(environment);
    if (policy == Side.TARGET) {
      S3Policy.Transfer of = prune ? S3Policy.Transfer.PRUNED_TARGET : S3Policy.Transfer.TARGET;
      spec.commandLine().getOut().println(target.policy(of));
      return Main.DONE;
    }
    StoreUri source = at.store(environment);
    if (source.toString().equals(target.toString())) {
      throw new IllegalArgumentException("source and target are the same: " + source);
    }
    try (ArchiveStore from = source.open(environment::tls);
        ArchiveStore into = target.open(environment::tls)) {
      into.prepare();
      Path spool = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
      Export export = new Export(from, into, spool, Platform.ofJvm(), options, this::tellProblem);
      return every == null ? once(export, target) : onAndOn(export, target, every);
    }
  }

  /** Has Prometheus told, where it is asked for, how the copy stands. */
  private CopyTally answer(StoreUri target, Duration pause) throws IOException {
    RunningProcess process =
        new RunningProcess(Instances.random(Role.ADMIN, "transfer"), Platform.ofJvm());
    CopyTally tally = new CopyTally(process.metrics(), target.toString(), pause);
    process.readiness().needs(tally::trouble);
    health.answer(process); // until the program is ended, which ends it too
    return tally;
  }

  private StoreUri target(Environment environment) {
    return StoreUri.parse(
        environment
            .value(to, TO)
            .orElseThrow(() -> new IllegalArgumentException("set " + TO + " or give --to")));
  }

  private ExportOptions options() {
    if (health.isAsked() && every == null) {
      throw new ParameterException(
          spec.commandLine(), "--port takes --every: what ends after a round answers nobody");
    }
    try {
      return new ExportOptions(
          node,
          path,
          last,
          bandwidth,
          lock,
          prune ? new ExportOptions.Prune(grace, any) : null,
          parallel);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
    }
  }

  private int once(Export export, StoreUri target) throws IOException, InterruptedException {
    ExportSummary summary = export.round();
    tell(summary, target);
    return summary.problems() == 0 ? Main.DONE : Main.FAILED;
  }

  /** Until it is stopped: what could not be done is tried again the next time. */
  private int onAndOn(Export export, StoreUri target, Duration pause)
      throws IOException, InterruptedException {
    CopyTally tally = answer(target, pause);
    Clock clock = Platform.ofJvm().clock();
    while (true) {
      Instant began = clock.instant();
      try {
        ExportSummary summary = export.round();
        tally.ended(summary, began);
        tell(summary, target);
      } catch (IOException e) {
        tally.brokenOff("the last round was broken off: " + Texts.shown("" + e.getMessage()));
        tellProblem("the rest is copied the next time: " + e.getMessage());
      }
      Thread.sleep(pause.toMillis());
    }
  }

  private void tell(ExportSummary summary, StoreUri target) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        Locale.ROOT,
        "copied to %s: versions %d, archives %d (%d bytes), other objects %d; gone at the source: %d waiting, %d removed; problems: %d%n",
        target,
        summary.versions(),
        summary.archives(),
        summary.bytes(),
        summary.notes(),
        summary.marked(),
        summary.pruned(),
        summary.problems());
    out.flush();
  }

  private void tellProblem(String what) {
    spec.commandLine().getErr().println(Texts.shown(what));
    spec.commandLine().getErr().flush();
  }
}

package resguardo.transfer;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import resguardo.core.Role;
import resguardo.infra.runtime.Environment;
import resguardo.infra.runtime.SecretFile;
import resguardo.infra.store.RoleKeys;
import resguardo.infra.store.StoreUri;

/** Makes a key of the store for a role. */
@Command(
    name = "key",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Makes a key of a MinIO that can do what a role does and no more, with the key of whoever may do more. Its token service"
            + " makes it, so it ends after a time. For another store make a key of what the role prints with --print-policy.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  transfer key --for fetch-worker --save-to-file worker-store.env",
      "  transfer key --for coordinator --lasting 30d"
    })
final class KeyCommand implements Callable<Integer> {
  /** As the settings of a program have it. */
  private static final String STORE = "RESGUARDO_STORE";

  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Option(
      names = "--for",
      required = true,
      paramLabel = "ROLE",
      converter = Converters.Roles.class,
      description = "coordinator, fetch-worker or retention: whom it is for.")
  private Role role = Role.WORKER;

  @Option(
      names = "--lasting",
      paramLabel = "TIME",
      converter = Interval.class,
      description = "For how long, 7d to 365d. Default: ${DEFAULT-VALUE}.",
      defaultValue = "365d")
  private Duration lasting = RoleKeys.LONGEST;

  @Mixin private AtStore at = new AtStore();

  @Option(
      names = "--save-to-file",
      paramLabel = "FILE",
      description =
          "Where to write it, for nobody but you to read, as settings for --config of the role. Default: it is printed.")
  private @Nullable Path file;

  @Override
  public Integer call() throws Exception {
    Environment environment = Environment.ofProcess();
    StoreUri owner = at.store(environment);
    String text =
        STORE + "=" + RoleKeys.of(owner, owner.policy(role), lasting, environment::tls) + "\n";
    if (file == null) {
      spec.commandLine().getOut().print(text);
    } else {
      SecretFile.write(file, text);
      spec.commandLine().getOut().println("saved: " + file);
    }
    spec.commandLine().getOut().flush();
    return Main.DONE;
  }
}

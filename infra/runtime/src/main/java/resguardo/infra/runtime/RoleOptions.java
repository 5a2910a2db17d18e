package resguardo.infra.runtime;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a role with a key of the store finds its settings, as options of its program. */
public final class RoleOptions {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "Settings as lines of NAME=value, such as `admin role enroll` writes; they win over the environment. Default: none.")
  private @Nullable Path config;

  @Option(
      names = "--amqp-uri",
      description =
          "Where the broker is. Default: $RESGUARDO_AMQP_URI. Prefer that: this shows in the process list.")
  private @Nullable String amqpUri;

  @Option(
      names = "--print-policy",
      description =
          "Print the least rights that its key of the store needs, as a policy for an S3, and do nothing else.")
  private boolean printPolicy;

  /**
   * All that is set.
   *
   * @throws IllegalArgumentException when the file cannot be read
   */
  public Environment environment() {
    return Environment.ofProcess(config);
  }

  /** The addresses of the broker; a local one where none is set. */
  public List<String> brokers(Environment environment) {
    return environment.brokers(amqpUri);
  }

  /** Whether the policy of its key is wanted, and nothing else. */
  public boolean printsPolicy() {
    return printPolicy;
  }
}

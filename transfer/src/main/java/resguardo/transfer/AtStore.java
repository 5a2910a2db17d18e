package resguardo.transfer;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import resguardo.infra.runtime.Environment;
import resguardo.infra.store.StoreUri;

/** Which bucket. */
final class AtStore {
  @Option(
      names = "--store",
      paramLabel = "URI",
      description =
          "The bucket. Default: $$RESGUARDO_STORE. Prefer that: this shows in the process list.")
  private @Nullable String store;

  /**
   * The bucket that is asked for.
   *
   * @throws IllegalArgumentException when there is none
   */
  StoreUri store(Environment environment) {
    return StoreUri.parse(environment.store(store));
  }
}

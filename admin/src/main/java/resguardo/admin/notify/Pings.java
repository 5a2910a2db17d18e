package resguardo.admin.notify;

import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import resguardo.core.RegistrationKey;
import resguardo.core.Sha256;
import resguardo.core.catalog.Status;
import resguardo.core.protocol.Answer;

/**
 * Asks for an address each time a registration was backed up, and for the same with {@code /fail}
 * when it failed, as healthchecks.io and others like it take it: those notice by themselves when
 * nothing comes. Not for several threads.
 */
public final class Pings {
  private final List<Ping> pings;
  private final Told told;
  private final HttpSender sender = new HttpSender();
  private final Consumer<String> failures;

  /** An address for a registration. */
  public record Ping(RegistrationKey key, URI url) {}

  /**
   * @param failures takes, in words, what could not be told
   */
  public Pings(List<Ping> pings, Told told, Consumer<String> failures) {
    this.pings = List.copyOf(pings);
    this.told = told;
    this.failures = failures;
  }

  /**
   * Tells of what ended since the last time; of several ends of one registration, the last.
   *
   * @throws IOException when what was told could not be kept
   */
  public void tell(List<Answer.RegistrationLine> lines) throws IOException, InterruptedException {
    for (Ping ping : pings) {
      Optional<Status> status =
          lines.stream()
              .filter(line -> line.key().equals(ping.key()))
              .flatMap(line -> Optional.ofNullable(line.status()).stream())
              .findFirst();
      if (status.isPresent()) {
        tell(ping, status.get());
      }
    }
  }

  private void tell(Ping ping, Status status) throws IOException, InterruptedException {
    String id =
        Sha256.of(ping.url().toString().getBytes(java.nio.charset.StandardCharsets.UTF_8))
            .toString();
    Map<String, Instant> before = told.pings();
    Instant last = before.get(id);
    if (last != null && !status.lastSlot().isAfter(last)) {
      return;
    }
    boolean good =
        status.lastOutcome() == Status.Outcome.COMMITTED
            || status.lastOutcome() == Status.Outcome.UNCHANGED;
    try {
      sender.get(good ? ping.url() : URI.create(ping.url() + "/fail"));
      before.put(id, status.lastSlot());
      told.save();
    } catch (IOException e) {
      failures.accept("the ping for " + ping.key() + " was not told: " + e.getMessage());
    }
  }
}

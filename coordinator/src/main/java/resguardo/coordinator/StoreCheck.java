package resguardo.coordinator;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.Content;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.Platform;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoreRule;
import resguardo.core.port.StoredObject;
import resguardo.core.protocol.Answer.Finding;

/**
 * Whether a store keeps what Resguardo is built on: a write on a condition that does not hold
 * writes nothing, and what was written is seen at once. It writes an object of its own, and removes
 * it.
 */
final class StoreCheck {
  /** Signs of life and slots go by seconds. */
  private static final Duration CLOCKS_APART = Duration.ofSeconds(30);

  /** Without these nothing can be restored or gone on with. Records may be removed by rules. */
  private static final List<String> NEEDED =
      List.of(
          BucketLayout.ARCHIVES,
          BucketLayout.MANIFESTS,
          BucketLayout.REGISTRY,
          BucketLayout.SETTINGS,
          BucketLayout.ACCEPTED,
          BucketLayout.DAMAGE,
          BucketLayout.EXPIRING,
          BucketLayout.LEASES);

  private static final Logger LOG = LoggerFactory.getLogger(StoreCheck.class);

  private final ArchiveStore store;
  private final Platform platform;
  private final Clock clock;
  private final List<Finding> findings = new ArrayList<>();

  StoreCheck(ArchiveStore store, Platform platform) {
    this.store = store;
    this.platform = platform;
    this.clock = platform.clock();
  }

  /** A write that is to fail. */
  private interface Write {
    StoredObject run() throws StoreException;
  }

  List<Finding> run() {
    ObjectKey key = new ObjectKey(BucketLayout.LEASES + "checkup-" + platform.newId() + ".json");
    Instant began = clock.instant();
    try {
      StoredObject written = store.putIfAbsent(key, content("first"));
      refuses("over what is there", () -> store.putIfAbsent(key, content("second")));
      refuses("over another content", () -> store.putIfMatch(key, "0", content("third")));
      if (store.list(key.value(), null, 1).isEmpty()) {
        findings.add(
            new Finding(
                Finding.Grade.BROKEN,
                "the store does not list what was just written",
                "Versions could be missed. Use a store that is strongly consistent."));
      }
      clocks(began, store.head(key).map(StoredObject::modified).orElse(written.modified()));
    } catch (IOException e) {
      findings.add(
          new Finding(
              Finding.Grade.BROKEN,
              "the store cannot be used: " + e.getMessage(),
              "Look whether it is up, and at the coordinator's key and its rights."));
    } finally {
      remove(key);
    }
    if (findings.isEmpty()) {
      findings.add(new Finding(Finding.Grade.FINE, "the store keeps its conditions", null));
    }
    rules();
    return findings;
  }

  private static Content content(String text) {
    return Content.of(text.getBytes(StandardCharsets.UTF_8));
  }

  private void refuses(String what, Write write) throws StoreException {
    try {
      write.run();
      findings.add(
          new Finding(
              Finding.Grade.BROKEN,
              "the store writes " + what + ", although it was told not to",
              "Two workers could write the same version. Use a store with conditional writes."));
    } catch (StoreException.ConditionFailed asItShould) {
      // that is what is built on
    }
  }

  /** A rule that somebody gave the bucket long ago is a quiet way to lose all. */
  private void rules() {
    try {
      for (StoreRule rule : store.rules()) {
        NEEDED.stream().filter(rule::meets).findFirst().ifPresent(keys -> rule(rule, keys));
      }
    } catch (StoreException.Denied mayNotAsk) {
      findings.add(
          new Finding(
              Finding.Grade.WARNING,
              "the coordinator's key may not ask whether the bucket removes objects by itself",
              "Give it s3:GetLifecycleConfiguration: coordinator --print-policy has all rights."));
    } catch (StoreException unknown) {
      LOG.debug("this store has no rules", unknown);
    }
  }

  private void rule(StoreRule rule, String keys) {
    String what = "a rule of the bucket (" + rule.name() + ") ";
    if (rule.effect() == StoreRule.Effect.REMOVES) {
      findings.add(
          new Finding(
              Finding.Grade.BROKEN,
              what + "removes what lies below " + keys + " " + rule.when(),
              "Backups are lost by it. Take it away, and let policies and bin/retention do that."));
    } else {
      findings.add(
          new Finding(
              Finding.Grade.WARNING,
              what + "moves what lies below " + keys + " to another class " + rule.when(),
              "Restores read it, and backups do: that class has to be readable at once."));
    }
  }

  private void clocks(Instant began, Instant written) {
    Instant ended = clock.instant();
    boolean apart =
        written.isBefore(began.minus(CLOCKS_APART)) || written.isAfter(ended.plus(CLOCKS_APART));
    if (apart) {
      findings.add(
          new Finding(
              Finding.Grade.WARNING,
              "the store's clock says " + written + ", the coordinator's " + ended,
              "Unfinished work is swept by its age. Have both follow the same time servers."));
    }
  }

  private void remove(ObjectKey key) {
    try {
      store.delete(key);
    } catch (StoreException e) {
      findings.add(
          new Finding(
              Finding.Grade.WARNING,
              "the store does not let the coordinator remove an object: " + e.getMessage(),
              "What dead attempts left behind stays. Look at the rights of its key."));
    }
  }
}

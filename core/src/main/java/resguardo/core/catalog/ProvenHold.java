package resguardo.core.catalog;

import java.io.IOException;
import java.util.Optional;
import resguardo.core.DrillPolicy;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.port.ArchiveStore;

/**
 * Which version of a registration is not expired because a drill has shown that it can be restored,
 * and no newer one was. What is newer than that has to be believed: a node packs its archives
 * itself, and may put anything into them.
 *
 * <p>It holds only where drills are made by themselves: else nothing newer would ever be proven,
 * and what an operator once tried would stay for ever. Nothing is held where there was no good
 * drill.
 */
public final class ProvenHold {
  private final ArchiveStore store;

  /** Over this store. */
  public ProvenHold(ArchiveStore store) {
    this.store = store;
  }

  /**
   * The version that is held, whether it is there still or not; empty: none is.
   *
   * @throws DamagedException when one of the objects that say so holds something else: what was
   *     proven is not known, so nothing is to be expired before the next drill has written it anew
   * @throws IOException when the bucket cannot be read
   */
  public Optional<Serial> find(RegistrationKey key) throws IOException {
    if (!isDrilled(key)) {
      return Optional.empty(); // whatever the proof says, no drill writes it anew
    }
    return new ProofBook(store)
        .find(key)
        .flatMap(proof -> Optional.ofNullable(proof.proven()))
        .map(Proof.Drill::serial);
  }

  private boolean isDrilled(RegistrationKey key) throws IOException {
    DrillPolicy own = new Registry(store).find(key).map(Registration::drills).orElse(null);
    DrillPolicy fleet = own == null ? new SettingsBook(store).find().drills() : null;
    return DrillPolicy.of(own, fleet).every().isPresent();
  }
}

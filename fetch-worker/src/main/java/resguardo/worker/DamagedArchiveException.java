package resguardo.worker;

import java.io.IOException;
import resguardo.core.catalog.Damage;

/**
 * Some of an archive is not as it was written. A repeat gives the same; what is in it has to be
 * brought again.
 */
final class DamagedArchiveException extends IOException {
  private static final long serialVersionUID = 1;

  private final transient Damage.Part part;

  DamagedArchiveException(Damage.Part part) {
    super(part.object() + " is not what was stored");
    this.part = part;
  }

  /** What of it. */
  Damage.Part part() {
    return part;
  }
}

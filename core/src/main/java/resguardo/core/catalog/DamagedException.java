package resguardo.core.catalog;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import resguardo.core.port.ObjectKey;

/**
 * An object of the bucket that does not hold what it should. A repeat gives the same; an operator
 * must look.
 */
public final class DamagedException extends IOException {
  private static final long serialVersionUID = 1;

  private final String key;

  /** With the reason in words. */
  public DamagedException(ObjectKey key, @Nullable String why) {
    super("the object " + key + " is damaged: " + why);
    this.key = key.value();
  }

  /** Which object. */
  public String key() {
    return key;
  }
}

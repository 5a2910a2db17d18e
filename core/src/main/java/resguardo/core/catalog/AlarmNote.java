package resguardo.core.catalog;

import resguardo.core.RegistrationKey;
import resguardo.core.Serial;

/**
 * Says that a version may be suspicious, so that it need not be looked for among all. Whether there
 * is such a version, and what is suspicious of it, its manifest says alone: the note is written
 * before it, and is left behind by an attempt that died in between.
 *
 * @param version of this form: 1
 */
public record AlarmNote(int version, RegistrationKey registration, Serial serial) {
  /** The form that is written. */
  public static final int VERSION = 1;
}

package resguardo.core.catalog;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import resguardo.core.RegistrationKey;
import resguardo.core.Serial;
import resguardo.core.port.ObjectKey;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.Piece;

/**
 * What is known to be damaged of the versions of a registration. Nothing of it is taken for content
 * again: the next backup brings it anew, as far as the node still has it.
 *
 * @param version of this form: 1
 * @param parts which bytes of which archives, manifests and slices
 * @param healed a version that leans on nothing of it, as none after it does; absent: none is known
 *     to
 * @param lost what could not be brought again when it was healed, and is in older versions alone:
 *     names, the first hundred; absent: nothing is known to be
 */
public record Damage(
    int version,
    RegistrationKey registration,
    List<Part> parts,
    @Nullable Serial healed,
    @Nullable List<String> lost) {
  /** The form that is written. */
  public static final int VERSION = 1;

  /** Beyond that all of an object is taken as damaged: the note stays small. */
  private static final int MOST_PARTS = 400;

  /** Of one object: from its first byte to the one after its last. */
  public record Part(String object, long begin, long end) {
    public Part {
      if (begin < 0 || end < begin) {
        throw new IllegalArgumentException("no part of an object: " + begin + " to " + end);
      }
    }

    /** A member of an archive. */
    public static Part of(ArchiveRef archive, Piece member) {
      return new Part(archive.key(), member.offset(), member.offset() + member.length());
    }

    /** All of an object, however long it is. */
    public static Part whole(String object) {
      return new Part(object, 0, Long.MAX_VALUE);
    }

    private boolean has(String key, Piece piece) {
      return object.equals(key) && piece.offset() < end && piece.offset() + piece.length() > begin;
    }
  }

  public Damage {
    parts = List.copyOf(parts);
    lost = lost == null || lost.isEmpty() ? null : List.copyOf(lost);
  }

  /** Of a registration of which nothing is damaged. */
  public static Damage none(RegistrationKey key) {
    return new Damage(VERSION, key, List.of(), null, null);
  }

  /** The same, and these too; whether what is new is healed nobody knows yet. */
  public Damage and(Collection<Part> more) {
    List<Part> all = new ArrayList<>(parts);
    more.stream().filter(part -> !all.contains(part)).forEach(all::add);
    return new Damage(
        VERSION,
        registration,
        all.size() > MOST_PARTS ? wholes(all) : all,
        all.size() == parts.size() ? healed : null,
        lost);
  }

  private static List<Part> wholes(List<Part> parts) {
    Map<String, Part> wholes = new LinkedHashMap<>();
    parts.forEach(part -> wholes.put(part.object(), Part.whole(part.object())));
    return List.copyOf(wholes.values());
  }

  /** The same, which no version from this one on leans on. */
  public Damage healed(Serial from, List<String> notToBeHad) {
    return new Damage(VERSION, registration, parts, from, notToBeHad);
  }

  /** Whether a version of this number may still lean on some of it. */
  public boolean isOpen(Serial serial) {
    return !parts.isEmpty() && (healed == null || serial.compareTo(healed) < 0);
  }

  /** Whether some of this object is damaged. */
  public boolean isIn(ObjectKey object) {
    return parts.stream().anyMatch(part -> part.object().equals(object.value()));
  }

  /** Whether this lies in it, in an archive of this key. */
  public boolean has(String archive, Piece piece) {
    return parts.stream().anyMatch(part -> part.has(archive, piece));
  }
}

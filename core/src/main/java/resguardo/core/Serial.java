package resguardo.core;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Optional;

/**
 * The number of a version, per registration key: 1 for the first, one more for each next.
 *
 * <p>Its text stands in object keys and sorts as the number does: six digits with leading zeros up
 * to 999999; after that the letter {@code x} and seven digits, {@code y} and eight, {@code z} and
 * nine.
 */
public record Serial(@JsonValue long value) implements Comparable<Serial> {
  private static final long LARGEST = 999_999_999;
  private static final int PLAIN_DIGITS = 6;

  /**
   * @throws IllegalArgumentException outside 1 to 999,999,999
   */
  @JsonCreator
  public Serial {
    if (value < 1 || value > LARGEST) {
      throw new IllegalArgumentException("a version number is 1 to " + LARGEST + ": " + value);
    }
  }

  /** The number that the first version has. */
  public static Serial first() {
    return new Serial(1);
  }

  /** The number after this one. */
  public Serial next() {
    return new Serial(value + 1);
  }

  /** The number so many before one; empty when that is none. */
  public static Optional<Serial> before(Serial serial, long many) {
    return serial.value > many ? Optional.of(new Serial(serial.value - many)) : Optional.empty();
  }

  /** The text for object keys. */
  public String text() {
    String digits = String.format("%06d", value);
    int more = digits.length() - PLAIN_DIGITS;
    return more == 0 ? digits : (char) ('w' + more) + digits;
  }

  /**
   * The number of this text.
   *
   * @throws IllegalArgumentException when {@link #text} never gives it
   */
  public static Serial parse(String text) {
    String digits = !text.isEmpty() && text.charAt(0) >= 'x' ? text.substring(1) : text;
    if (digits.chars().allMatch(c -> c >= '0' && c <= '9')
        && digits.length() <= 9
        && !digits.isEmpty()) {
      Serial serial = new Serial(Long.parseLong(digits));
      if (serial.text().equals(text)) {
        return serial;
      }
    }
    throw new IllegalArgumentException(
        "not the text of a version number: '" + Texts.shown(text) + "'");
  }

  @Override
  public int compareTo(Serial other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return text();
  }
}

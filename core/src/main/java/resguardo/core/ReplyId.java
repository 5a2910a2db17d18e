package resguardo.core;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Where an answer goes: 32 random hexadecimal digits, made anew for each question and each attempt,
 * so that what an earlier attempt still sends is recognised as foreign. Whoever does not know it
 * cannot answer to it.
 */
public record ReplyId(@JsonValue String value) {
  private static final Pattern RULE = Pattern.compile("[0-9a-f]{32}");
  private static final SecureRandom RANDOM = new SecureRandom();

  /**
   * @throws IllegalArgumentException when it is not 32 lower-case hexadecimal digits
   */
  @JsonCreator
  public ReplyId {
    if (!RULE.matcher(value).matches()) {
      throw new IllegalArgumentException("not a reply id: '" + Texts.shown(value) + "'");
    }
  }

  /** A fresh one. */
  public static ReplyId random() {
    byte[] bytes = new byte[16];
    RANDOM.nextBytes(bytes);
    return new ReplyId(HexFormat.of().formatHex(bytes));
  }

  @Override
  public String toString() {
    return value;
  }
}

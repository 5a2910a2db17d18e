package resguardo.core;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** A SHA-256 digest, as 64 lower-case hexadecimal digits. */
public record Sha256(@JsonValue String hex) {
  private static final Pattern RULE = Pattern.compile("[0-9a-f]{64}");

  /**
   * @throws IllegalArgumentException when it is not 64 lower-case hexadecimal digits
   */
  @JsonCreator
  public Sha256 {
    if (!RULE.matcher(hex).matches()) {
      throw new IllegalArgumentException("not a SHA-256 digest: '" + Texts.shown(hex) + "'");
    }
  }

  /** The digest of these bytes. */
  public static Sha256 of(byte[] bytes) {
    return ofDigest(newDigest().digest(bytes));
  }

  /** The digest that a {@link MessageDigest} of {@link #newDigest} came to. */
  public static Sha256 ofDigest(byte[] digest) {
    return new Sha256(HexFormat.of().formatHex(digest));
  }

  /** A fresh, empty digest to feed. */
  public static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return hex;
  }
}

package resguardo.core;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A SHA-256 digest, as 64 lower-case hexadecimal digits. */
public record Sha256(@JsonValue String hex) {
  private static final int DIGITS = 64;

  /**
   * @throws IllegalArgumentException when it is not 64 lower-case hexadecimal digits
   */
  @JsonCreator
  public Sha256 {
    if (!isDigest(hex)) {
      throw new IllegalArgumentException("not a SHA-256 digest: '" + Texts.shown(hex) + "'");
    }
  }

  /** By hand: there is one for each file, and a pattern would cost more than all the rest. */
  private static boolean isDigest(String hex) {
    for (int i = 0; i < hex.length(); i++) {
      char c = hex.charAt(i);
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        return false;
      }
    }
    return hex.length() == DIGITS;
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

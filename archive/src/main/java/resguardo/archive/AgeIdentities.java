package resguardo.archive;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.exceptionfactory.jagged.RecipientStanzaReader;
import com.exceptionfactory.jagged.UnsupportedRecipientStanzaException;
import com.exceptionfactory.jagged.framework.stream.StandardDecryptingChannelFactory;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaReaderFactory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Secret keys of age, as {@code age-keygen} writes them. They are never written anywhere, nor
 * logged or sent. For one thread.
 */
public final class AgeIdentities {
  /** How every age file begins. */
  private static final byte[] MAGIC = "age-encryption.org/".getBytes(US_ASCII);

  private static final String COMMENT = "#";

  private final List<RecipientStanzaReader> readers;

  private AgeIdentities(List<RecipientStanzaReader> readers) {
    this.readers = readers;
  }

  /**
   * Of the lines of an identity file; comments and empty lines count for nothing.
   *
   * @throws IllegalArgumentException when a line is no identity, or none is; it names the line and
   *     never what stands there
   */
  public static AgeIdentities of(List<String> lines) {
    List<RecipientStanzaReader> readers = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty() || line.startsWith(COMMENT)) {
        continue;
      }
      try {
        readers.add(X25519RecipientStanzaReaderFactory.newRecipientStanzaReader(line));
      } catch (GeneralSecurityException | RuntimeException secret) {
        // Its cause may tell parts of the key.
        throw new IllegalArgumentException(
            "line " + (i + 1) + " is no AGE-SECRET-KEY-1… as age-keygen writes it");
      }
    }
    if (readers.isEmpty()) {
      throw new IllegalArgumentException("there is no AGE-SECRET-KEY-1… in it");
    }
    return new AgeIdentities(readers);
  }

  /** Whether this is an age file. */
  static boolean isEncrypted(byte[] member) {
    return member.length >= MAGIC.length
        && Arrays.equals(member, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
  }

  /**
   * What an age file holds.
   *
   * @throws NotForUsException when it is encrypted to others
   * @throws IOException when it is none, or damaged
   */
  byte[] decrypted(byte[] file) throws IOException {
    try (ReadableByteChannel plain =
        new StandardDecryptingChannelFactory()
            .newDecryptingChannel(Channels.newChannel(new ByteArrayInputStream(file)), readers)) {
      return Channels.newInputStream(plain).readAllBytes();
    } catch (UnsupportedRecipientStanzaException others) {
      throw new NotForUsException(others);
    } catch (GeneralSecurityException | RuntimeException e) {
      throw new IOException("an encrypted member that is damaged: " + e.getMessage(), e);
    }
  }

  /** It is encrypted, but to none of these identities. */
  public static final class NotForUsException extends IOException {
    private static final long serialVersionUID = 1;

    NotForUsException(Exception cause) {
      super("it is encrypted to other keys", cause);
    }
  }
}

package resguardo.archive;

import com.exceptionfactory.jagged.RecipientStanzaWriter;
import com.exceptionfactory.jagged.framework.stream.StandardEncryptingChannelFactory;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaWriterFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;

/**
 * Who can read what is encrypted: age public keys, as {@code age-keygen} prints them. Each of them
 * alone is enough. What was encrypted cannot be read again with what is here. For many threads.
 */
public final class AgeRecipients {
  /** Beside the header: what a stanza, the checksum of the header and a nonce take. */
  private static final int OVERHEAD = 512;

  private final List<String> keys;
  private final List<RecipientStanzaWriter> writers;

  private AgeRecipients(List<String> keys, List<RecipientStanzaWriter> writers) {
    this.keys = List.copyOf(keys);
    this.writers = writers;
  }

  /**
   * Of these keys.
   *
   * @throws IllegalArgumentException when one is none, with its text
   */
  public static AgeRecipients of(List<String> keys) {
    List<RecipientStanzaWriter> writers = new ArrayList<>();
    for (String key : keys) {
      try {
        writers.add(X25519RecipientStanzaWriterFactory.newRecipientStanzaWriter(key));
      } catch (GeneralSecurityException | RuntimeException e) {
        throw new IllegalArgumentException("no age recipient, or a mistyped one: " + key, e);
      }
    }
    return new AgeRecipients(keys, writers);
  }

  /** The keys. */
  public List<String> keys() {
    return keys;
  }

  /** An age file that holds these bytes. No two are the same, even of the same bytes. */
  byte[] encrypted(byte[] bytes) {
    ByteArrayOutputStream file =
        new ByteArrayOutputStream(bytes.length + OVERHEAD * (1 + writers.size()));
    try (WritableByteChannel plain =
        new StandardEncryptingChannelFactory()
            .newEncryptingChannel(Channels.newChannel(file), writers)) {
      plain.write(ByteBuffer.wrap(bytes));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("bytes in memory can be encrypted", e);
    }
    return file.toByteArray();
  }
}

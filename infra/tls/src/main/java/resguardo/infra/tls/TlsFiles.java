package resguardo.infra.tls;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where certificates and keys lie, as PEM.
 *
 * @param authorities certificates of those who may vouch for servers, and nobody else may; absent:
 *     whom this Java trusts
 * @param certificate that this process shows, with those between it and an authority after it;
 *     absent: none is shown
 * @param key of that certificate, as PKCS#8 without a password; absent exactly when it is
 */
public record TlsFiles(@Nullable Path authorities, @Nullable Path certificate, @Nullable Path key) {
  /** Nothing is said: whom this Java trusts is trusted, and no certificate is shown. */
  public static final TlsFiles NONE = new TlsFiles(null, null, null);

  /**
   * @throws IllegalArgumentException when one of certificate and key is there without the other
   */
  public TlsFiles {
    if ((certificate == null) != (key == null)) {
      throw new IllegalArgumentException(
          "a certificate needs its key, and a key its certificate: one of both is not set");
    }
  }
}

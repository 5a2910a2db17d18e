package resguardo.infra.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * How this process makes connections by TLS: whom it trusts, and what it shows. Where that comes
 * from files, a connection that is made some seconds after they were renewed is made with the new
 * ones; those that there are stay.
 */
public final class Tls {
  private final X509TrustManager trust;
  private final SSLContext context;

  private Tls(X509TrustManager trust, SSLContext context) {
    this.trust = trust;
    this.context = context;
  }

  /**
   * Reads the files.
   *
   * @throws IllegalArgumentException when they cannot be used; it is told which, and why
   */
  public static Tls of(TlsFiles files) {
    return of(files, System::nanoTime);
  }

  /** Of no files: whom this Java trusts is trusted, and no certificate is shown. */
  public static Tls ofJava() {
    return of(TlsFiles.NONE);
  }

  static Tls of(TlsFiles files, LongSupplier nanos) {
    try {
      X509ExtendedTrustManager trust = trust(files.authorities(), nanos);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(identity(files, nanos), new TrustManager[] {trust}, null);
      // A session that is taken up again is not looked at: not for longer than a renewal may take.
      context.getClientSessionContext().setSessionTimeout((int) Renewed.LOOK.toSeconds());
      return new Tls(trust, context);
    } catch (IOException e) {
      throw new IllegalArgumentException("TLS cannot be set up: " + e.getMessage(), e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static X509ExtendedTrustManager trust(@Nullable Path authorities, LongSupplier nanos)
      throws IOException, GeneralSecurityException {
    return authorities == null
        ? trust((KeyStore) null)
        : new RenewedTrust(new Renewed<>(List.of(authorities), () -> trustIn(authorities), nanos));
  }

  private static X509ExtendedTrustManager trustIn(Path authorities) throws IOException {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      int number = 0;
      for (X509Certificate authority : Pem.certificates(authorities)) {
        store.setCertificateEntry("authority-" + ++number, authority);
      }
      return trust(store);
    } catch (GeneralSecurityException e) {
      throw new IOException("the certificates in " + authorities + " cannot be used", e);
    }
  }

  /**
   * @param store absent: that of this Java
   */
  private static X509ExtendedTrustManager trust(@Nullable KeyStore store)
      throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return Arrays.stream(factory.getTrustManagers())
        .filter(X509ExtendedTrustManager.class::isInstance)
        .map(X509ExtendedTrustManager.class::cast)
        .findAny()
        .orElseThrow();
  }

  private static KeyManager @Nullable [] identity(TlsFiles files, LongSupplier nanos)
      throws IOException {
    Path certificate = files.certificate();
    Path key = files.key();
    if (certificate == null || key == null) {
      return null;
    }
    return new KeyManager[] {
      new RenewedIdentity(
          new Renewed<>(List.of(certificate, key), () -> identity(certificate, key), nanos))
    };
  }

  private static RenewedIdentity.Identity identity(Path certificate, Path key) throws IOException {
    List<X509Certificate> chain = Pem.certificates(certificate);
    PrivateKey own = Pem.key(key);
    if (!Pem.match(own, chain.get(0))) {
      throw new IOException(
          "the key in " + key + " is not that of the certificate in " + certificate);
    }
    return new RenewedIdentity.Identity(own, chain);
  }

  /** For sockets of clients. The name of the host is checked by whoever makes them. */
  public SSLContext context() {
    return context;
  }

  /** Whom it trusts. */
  public X509TrustManager trust() {
    return trust;
  }
}

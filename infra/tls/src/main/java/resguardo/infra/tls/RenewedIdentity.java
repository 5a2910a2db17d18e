package resguardo.infra.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Shows the certificate that the files hold at the time, to every server that asks for one. It is
 * for clients only.
 */
final class RenewedIdentity extends X509ExtendedKeyManager {
  private final Renewed<Identity> now;

  /**
   * Who this process is.
   *
   * @param chain its certificate, then those between it and an authority
   */
  record Identity(PrivateKey key, List<X509Certificate> chain) {}

  RenewedIdentity(Renewed<Identity> now) {
    this.now = now;
  }

  /** Each identity has a name of its own, so that a handshake gets key and chain of the same. */
  private static String alias(Identity identity) {
    return identity.chain().get(0).getSerialNumber().toString(16);
  }

  @Override
  public String chooseClientAlias(
      String @Nullable [] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return alias(now.get());
  }

  @Override
  public String chooseEngineClientAlias(
      String[] types, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return alias(now.get());
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    Identity identity = now.get();
    return alias(identity).equals(alias)
        ? identity.chain().toArray(X509Certificate[]::new)
        : null; // renewed in between: this handshake fails, and the next is with the new one
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    Identity identity = now.get();
    return alias(identity).equals(alias) ? identity.key() : null;
  }

  @Override
  public String[] getClientAliases(String type, Principal @Nullable [] issuers) {
    return new String[] {alias(now.get())};
  }

  @Override
  public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseServerAlias(
      String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }
}

package resguardo.archive;

import java.util.List;
import resguardo.core.version.ArchiveForm;

/**
 * Encrypts what another deflater makes: each member is an age file of its own, which can be moved
 * and opened without the others. No two are the same, even of the same block.
 */
public final class EncryptingDeflater implements MemberDeflater {
  private final MemberDeflater plain;
  private final AgeRecipients recipients;

  private EncryptingDeflater(MemberDeflater plain, AgeRecipients recipients) {
    this.plain = plain;
    this.recipients = recipients;
  }

  /**
   * One that encrypts where anybody is to be encrypted to.
   *
   * @param recipients age public keys; none: it is not encrypted
   * @throws IllegalArgumentException when one is none
   */
  public static MemberDeflater to(List<String> recipients, MemberDeflater plain) {
    return recipients.isEmpty()
        ? plain
        : new EncryptingDeflater(plain, AgeRecipients.of(recipients));
  }

  @Override
  public ArchiveForm form() {
    return plain.form().encrypted(recipients.keys());
  }

  @Override
  public byte[] member(byte[] block, int length) {
    return recipients.encrypted(plain.member(block, length));
  }

  @Override
  public byte[] packed(byte[] block, int length) {
    return recipients.encrypted(plain.packed(block, length));
  }
}

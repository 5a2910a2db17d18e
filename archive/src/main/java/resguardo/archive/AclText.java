package resguardo.archive;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * POSIX ACLs between the bytes that Linux keeps and the text that tars write: {@code
 * user::rw-,user:1000:r--,group::r--,mask::r--,other::---}, with numbers for owners, as names may
 * be others' on another machine.
 */
final class AclText {
  /** The attributes that hold them. */
  static final String ACCESS = "system.posix_acl_access";

  /** What a folder gives to what is made in it. */
  static final String DEFAULT = "system.posix_acl_default";

  /** The only version there has been: linux/posix_acl_xattr.h. */
  private static final int VERSION = 2;

  private static final int ENTRY_BYTES = 8;
  private static final int NOBODY = -1;
  private static final int ALL = 7;

  /** An entry is longer than this in no text of ours, and an attribute is at most 64 KiB. */
  private static final int LONGEST = 256 * 1024;

  private AclText() {}

  private enum Tag {
    OWNER(0x01, "user", false),
    USER(0x02, "user", true),
    OWNING_GROUP(0x04, "group", false),
    GROUP(0x08, "group", true),
    MASK(0x10, "mask", false),
    OTHER(0x20, "other", false);

    private final int code;
    private final String word;
    private final boolean named;

    Tag(int code, String word, boolean named) {
      this.code = code;
      this.word = word;
      this.named = named;
    }

    static @Nullable Tag of(int code) {
      for (Tag tag : values()) {
        if (tag.code == code) {
          return tag;
        }
      }
      return null;
    }

    static @Nullable Tag of(String word, boolean named) {
      for (Tag tag : values()) {
        if (tag.word.equals(word) && tag.named == named) {
          return tag;
        }
      }
      return null;
    }
  }

  /** The text of an attribute's value; absent when that is no ACL as this class knows them. */
  static @Nullable String text(byte[] value) {
    ByteBuffer in = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
    if (value.length < Integer.BYTES
        || value.length % ENTRY_BYTES != Integer.BYTES
        || in.getInt() != VERSION) {
      return null;
    }
    List<String> entries = new ArrayList<>();
    while (in.hasRemaining()) {
      Tag tag = Tag.of(in.getShort());
      int allowed = in.getShort();
      long id = Integer.toUnsignedLong(in.getInt());
      if (tag == null || (allowed & ~ALL) != 0) {
        return null;
      }
      entries.add(tag.word + ":" + (tag.named ? String.valueOf(id) : "") + ":" + rwx(allowed));
    }
    return String.join(",", entries);
  }

  private static String rwx(int allowed) {
    return ((allowed & 4) != 0 ? "r" : "-")
        + ((allowed & 2) != 0 ? "w" : "-")
        + ((allowed & 1) != 0 ? "x" : "-");
  }

  /**
   * The attribute's value of a text.
   *
   * @throws IOException when it is none of ours
   */
  static byte[] value(byte[] text) throws IOException {
    if (text.length > LONGEST) {
      throw new IOException("an ACL of " + text.length + " bytes");
    }
    String[] entries = new String(text, StandardCharsets.ISO_8859_1).split(",", -1);
    ByteBuffer out =
        ByteBuffer.allocate(Integer.BYTES + entries.length * ENTRY_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(VERSION);
    for (String entry : entries) {
      String[] parts = entry.split(":", -1);
      Tag tag = parts.length == 3 ? Tag.of(parts[0], !parts[1].isEmpty()) : null;
      if (tag == null) {
        throw new IOException("an ACL that is none");
      }
      out.putShort((short) tag.code).putShort((short) allowed(parts[2]));
      out.putInt(tag.named ? id(parts[1]) : NOBODY);
    }
    return out.array();
  }

  private static int allowed(String rwx) throws IOException {
    for (int allowed = 0; allowed <= ALL; allowed++) {
      if (rwx(allowed).equals(rwx)) {
        return allowed;
      }
    }
    throw new IOException("an ACL that allows what is none");
  }

  private static int id(String digits) throws IOException {
    try {
      return Integer.parseUnsignedInt(digits);
    } catch (NumberFormatException e) {
      throw new IOException("an ACL of an owner that is no number", e);
    }
  }
}

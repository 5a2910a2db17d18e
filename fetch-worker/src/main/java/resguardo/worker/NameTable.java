package resguardo.worker;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;
import resguardo.core.Sha256;
import resguardo.core.stream.Progress;

/**
 * Names, with what is kept of each, in a file: memory stays the same for any number of them, of any
 * length. All names are noted first, then they are looked up. For one thread.
 *
 * <p>The file has digests of the names as they were noted; then pages of places, of which half are
 * left free, where a name has the first that is free from the page on that its digest says; then
 * what is kept. Which page that is depends on a number at random: nobody can choose names that come
 * to lie on one page.
 */
final class NameTable implements AutoCloseable {
  /** Of a digest: no two names have it alike. */
  private static final int DIGEST = 16;

  /** Digest, state, length and place of what is kept. */
  private static final int SLOT = DIGEST + 2 * Integer.BYTES + Long.BYTES;

  private static final int PAGE = 4096;
  private static final int SLOTS = PAGE / SLOT;
  private static final int NOTING = 64 * 1024;

  /** Most of other names are known by these not to be there, as long as those there are few. */
  private static final int FILTER_BITS = 1 << 20;

  /** What is known of a name. */
  enum State {
    /** The place is free. */
    NONE,
    /** It was noted. */
    NOTED,
    /** The line of its entry is kept. */
    LINE,
    /** The name that stands for it is kept. */
    STANDS
  }

  /**
   * A name that was noted.
   *
   * @param slot where it lies
   * @param at where what is kept of it begins
   * @param length of that
   */
  record Known(long slot, State state, long at, int length) {}

  private static final State[] STATES = State.values();

  private final SpoolFile file;
  private final MessageDigest sha = Sha256.newDigest();
  private final byte[] salt = new byte[DIGEST];
  private final long[] filter = new long[FILTER_BITS / Long.SIZE];
  private final byte[] page = new byte[PAGE];
  private byte[] noting = new byte[NOTING];
  private int inNoting;
  private long noted;
  private boolean looking;
  private long pages;
  private long table;
  private long pageAt;

  /**
   * @param file new; closed with this
   */
  NameTable(SpoolFile file) {
    this.file = file;
    new SecureRandom().nextBytes(salt);
  }

  /** Notes a name; it may be noted more than once. */
  void note(RawPath name) throws SpoolException {
    if (looking) {
      throw new IllegalStateException("names are looked up already");
    }
    if (inNoting == noting.length) {
      file.append(noting, inNoting);
      inNoting = 0;
    }
    System.arraycopy(digest(name), 0, noting, inNoting, DIGEST);
    inNoting += DIGEST;
    noted++;
  }

  /** Whether names can be looked up. */
  boolean isLooking() {
    return looking;
  }

  /**
   * All names are noted.
   *
   * @param progress told now and then that it goes on
   */
  void look(Progress progress) throws IOException {
    long digests = file.append(noting, inNoting) + inNoting;
    noting = new byte[0];
    file.appendZeros((PAGE - digests % PAGE) % PAGE);
    pages = noted / (SLOTS / 2) + 1;
    table = file.appendZeros(pages * PAGE);
    looking = true;
    byte[] some = new byte[NOTING];
    for (long at = 0; at < digests; at += NOTING) {
      int length = (int) Math.min(NOTING, digests - at);
      file.read(at, some, length);
      for (int i = 0; i < length; i += DIGEST) {
        insert(Arrays.copyOfRange(some, i, i + DIGEST));
      }
      progress.at(0, 0);
    }
  }

  private void insert(byte[] digest) throws SpoolException {
    int bit = bit(digest);
    filter[bit / Long.SIZE] |= 1L << (bit % Long.SIZE);
    int slot = slot(digest);
    if (state(slot) == State.NONE) {
      System.arraycopy(digest, 0, page, slot, DIGEST);
      ByteBuffer.wrap(page).putInt(slot + DIGEST, State.NOTED.ordinal());
      file.write(pageAt + slot, page, slot, SLOT);
    }
  }

  /** What is known of a name; absent when it was not noted. */
  @Nullable Known find(RawPath name) throws SpoolException {
    byte[] digest = digest(name);
    int bit = bit(digest);
    if ((filter[bit / Long.SIZE] & (1L << (bit % Long.SIZE))) == 0) {
      return null;
    }
    int slot = slot(digest);
    if (state(slot) == State.NONE) {
      return null;
    }
    ByteBuffer at = ByteBuffer.wrap(page);
    return new Known(
        pageAt + slot,
        state(slot),
        at.getLong(slot + DIGEST + 2 * Integer.BYTES),
        at.getInt(slot + DIGEST + Integer.BYTES));
  }

  /** Keeps bytes of a name, in the place of what was kept of it before. */
  void keep(Known name, State state, byte[] bytes) throws SpoolException {
    byte[] kept = new byte[SLOT - DIGEST];
    long at = file.append(bytes, bytes.length);
    ByteBuffer.wrap(kept).putInt(state.ordinal()).putInt(bytes.length).putLong(at);
    file.write(name.slot() + DIGEST, kept, 0, kept.length);
    pageAt = 0;
  }

  /** What is kept of a name. */
  byte[] kept(Known name) throws SpoolException {
    byte[] bytes = new byte[name.length()];
    file.read(name.at(), bytes, bytes.length);
    return bytes;
  }

  private byte[] digest(RawPath name) {
    sha.update(salt);
    return Arrays.copyOf(sha.digest(name.bytes()), DIGEST);
  }

  private static int bit(byte[] digest) {
    return ByteBuffer.wrap(digest).getInt(DIGEST - Integer.BYTES) & (FILTER_BITS - 1);
  }

  private State state(int slot) {
    return STATES[ByteBuffer.wrap(page).getInt(slot + DIGEST)];
  }

  /** Has the page in memory where a digest lies, or would lie, and says where on it. */
  private int slot(byte[] digest) throws SpoolException {
    long number = Long.remainderUnsigned(ByteBuffer.wrap(digest).getLong(), pages);
    while (true) {
      turnTo(table + number * PAGE);
      for (int slot = 0; slot < PAGE; slot += SLOT) {
        if (state(slot) == State.NONE
            || Arrays.equals(page, slot, slot + DIGEST, digest, 0, DIGEST)) {
          return slot;
        }
      }
      number = (number + 1) % pages;
    }
  }

  private void turnTo(long at) throws SpoolException {
    if (pageAt != at) {
      pageAt = 0; // if it fails half-way, it is neither
      file.read(at, page, PAGE);
      pageAt = at;
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}

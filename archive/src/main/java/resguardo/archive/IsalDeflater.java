package resguardo.archive;

import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import resguardo.core.BackupOptions;
import resguardo.core.version.ArchiveForm;

/**
 * Intel's ISA-L, where the system has it: several times as fast as zlib at about its ratio. Written
 * against {@code igzip_lib.h} of 2.30; what it makes is proven at start by {@link Deflaters}.
 */
final class IsalDeflater implements MemberDeflater {
  /** The two calls that are needed. */
  interface Isal extends Library {
    /** Sets a stream to its defaults. */
    void isal_deflate_stateless_init(Pointer stream);

    /** Compresses all at once. */
    int isal_deflate_stateless(Pointer stream);
  }

  private static final int LEVEL = 1;

  /** The stream has 82,384 bytes in 2.30; room for it to grow. */
  private static final int STREAM_BYTES = 256 * 1024;

  /** {@code ISAL_DEF_LVL1_DEFAULT}, 282,624 in 2.30; more is allowed. */
  private static final int LEVEL_BYTES = 512 * 1024;

  // Offsets in struct isal_zstream of a 64-bit system.
  private static final int NEXT_IN = 0;
  private static final int AVAILABLE_IN = 8;
  private static final int NEXT_OUT = 16;
  private static final int AVAILABLE_OUT = 24;
  private static final int TOTAL_OUT = 28;
  private static final int LEVEL_AT = 40;
  private static final int LEVEL_BUFFER_SIZE = 44;
  private static final int LEVEL_BUFFER = 48;
  private static final int END_OF_STREAM = 56;
  private static final int FLUSH = 58;
  private static final int GZIP_FLAG = 60;

  private static final short WITH_GZIP_HEADER = 1;

  /** Stored blocks, headers and trailer on top of the input, generously. */
  private static final int OVERHEAD = 4096;

  private final Isal isal;
  private final ThreadLocal<Buffers> buffers = ThreadLocal.withInitial(Buffers::new);

  private IsalDeflater(Isal isal) {
    this.isal = isal;
  }

  /**
   * Finds it.
   *
   * @throws UnsatisfiedLinkError when the system has it not
   */
  static IsalDeflater load() {
    if (Native.POINTER_SIZE != Long.BYTES) {
      throw new UnsatisfiedLinkError("not a 64-bit system");
    }
    return new IsalDeflater(Native.load("libisal.so.2", Isal.class));
  }

  /** What a thread works with. */
  private static final class Buffers {
    private final Memory stream = new Memory(STREAM_BYTES);
    private final Memory level = new Memory(LEVEL_BYTES);
    private Memory in = new Memory(1);
    private Memory out = new Memory(OVERHEAD);

    void fit(int length) {
      if (in.size() < length) {
        in.close();
        out.close();
        in = new Memory(length);
        out = new Memory((long) length + length / 8 + OVERHEAD);
      }
    }
  }

  @Override
  public ArchiveForm form() {
    return new ArchiveForm(BackupOptions.Codec.GZIP, "isa-l", LEVEL);
  }

  @Override
  public byte[] member(byte[] block, int length) {
    Buffers own = buffers.get();
    own.fit(Math.max(1, length));
    own.in.write(0, block, 0, length);
    Pointer stream = own.stream;
    isal.isal_deflate_stateless_init(stream);
    stream.setPointer(NEXT_IN, own.in);
    stream.setInt(AVAILABLE_IN, length);
    stream.setPointer(NEXT_OUT, own.out);
    stream.setInt(AVAILABLE_OUT, (int) own.out.size());
    stream.setInt(LEVEL_AT, LEVEL);
    stream.setInt(LEVEL_BUFFER_SIZE, LEVEL_BYTES);
    stream.setPointer(LEVEL_BUFFER, own.level);
    stream.setShort(END_OF_STREAM, (short) 1);
    stream.setShort(FLUSH, (short) 0);
    stream.setShort(GZIP_FLAG, WITH_GZIP_HEADER);
    int result = isal.isal_deflate_stateless(stream);
    if (result != 0) {
      throw new IllegalStateException("ISA-L could not compress a block: " + result);
    }
    return own.out.getByteArray(0, stream.getInt(TOTAL_OUT));
  }
}

package resguardo.archive;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import java.util.Arrays;
import resguardo.core.BackupOptions;
import resguardo.core.version.ArchiveForm;

/** libdeflate, where the system has it: about twice as fast as zlib, and smaller. */
final class LibdeflateDeflater implements MemberDeflater {
  /** The three calls that are needed; {@code size_t} is as wide as a long on Linux. */
  interface Libdeflate extends Library {
    /** A compressor for one thread; null when there is no memory. */
    Pointer libdeflate_alloc_compressor(int level);

    /** The most that a gzip member of so many bytes may take. */
    NativeLong libdeflate_gzip_compress_bound(Pointer compressor, NativeLong bytes);

    /** Makes a gzip member; 0 when it does not fit. */
    NativeLong libdeflate_gzip_compress(
        Pointer compressor, byte[] in, NativeLong inBytes, byte[] out, NativeLong outBytes);
  }

  private final Libdeflate library;
  private final int level;
  private final ThreadLocal<Pointer> compressor;

  private LibdeflateDeflater(Libdeflate library, int level) {
    this.library = library;
    this.level = level;
    // Never freed: the threads that compress live as long as the process.
    this.compressor = ThreadLocal.withInitial(() -> library.libdeflate_alloc_compressor(level));
  }

  /**
   * Finds it. To be asked once for each level: what it works with is never freed.
   *
   * @param level 1 (fast) to 12 (small)
   * @throws UnsatisfiedLinkError when the system has it not
   */
  static LibdeflateDeflater load(int level) {
    return new LibdeflateDeflater(Native.load("libdeflate.so.0", Libdeflate.class), level);
  }

  @Override
  public ArchiveForm form() {
    return new ArchiveForm(BackupOptions.Codec.GZIP, "libdeflate", level);
  }

  @Override
  public byte[] member(byte[] block, int length) {
    Pointer own = compressor.get();
    NativeLong in = new NativeLong(length);
    byte[] out = new byte[library.libdeflate_gzip_compress_bound(own, in).intValue()];
    int made =
        library
            .libdeflate_gzip_compress(own, block, in, out, new NativeLong(out.length))
            .intValue();
    if (made == 0) {
      throw new IllegalStateException("libdeflate could not compress a block");
    }
    return Arrays.copyOf(out, made);
  }
}

package resguardo.archive;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.util.ZstdVersion;
import java.util.Arrays;
import resguardo.core.BackupOptions;
import resguardo.core.version.ArchiveForm;

/** zstd: each member is a frame of its own, which names its size and has a checksum. */
final class ZstdDeflater implements MemberDeflater {
  private final int level;

  /**
   * @param level 1 (fast) to 19 (small)
   * @throws LinkageError at the first member, when there is no zstd for this kind of machine
   */
  ZstdDeflater(int level) {
    this.level = level;
  }

  @Override
  public ArchiveForm form() {
    return new ArchiveForm(BackupOptions.Codec.ZSTD, "zstd-jni-" + ZstdVersion.VERSION, level);
  }

  @Override
  public byte[] member(byte[] block, int length) {
    byte[] out = new byte[(int) Zstd.compressBound(length)];
    // A context each time: it is native memory, and nothing would free one that a thread keeps.
    try (ZstdCompressCtx zstd = new ZstdCompressCtx()) {
      zstd.setLevel(level).setChecksum(true).setContentSize(true);
      return Arrays.copyOf(out, zstd.compressByteArray(out, 0, out.length, block, 0, length));
    }
  }

  /** What does not shrink costs zstd little, and lies in raw blocks by itself. */
  @Override
  public byte[] packed(byte[] block, int length) {
    return member(block, length);
  }
}

package resguardo.archive;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.BackupOptions;

/** Which deflater compresses: the fastest that this machine has and that proves itself. */
public final class Deflaters {
  /**
   * Level 1 of gzip is several times as fast as 6 and a tenth larger; what is backed up often
   * should cost the node little.
   */
  private static final int FAST = 1;

  /** zstd's own choice. */
  private static final int ZSTD_LEVEL = 3;

  private static final int BUFFER = 64 * 1024;

  private static final int[] TEST_SIZES = {0, 1, 511, 65_536, 300_000};

  private static final Map<Integer, MemberDeflater> GZIP_BY_LEVEL = new ConcurrentHashMap<>();
  private static final Map<Integer, MemberDeflater> ZSTD_BY_LEVEL = new ConcurrentHashMap<>();
  private static final Logger LOG = LoggerFactory.getLogger(Deflaters.class);

  private Deflaters() {}

  /** Which one is wanted. */
  public enum Choice {
    /** The first of the others that is there. */
    AUTO,
    ISA_L,
    LIBDEFLATE,
    JDK
  }

  /**
   * One that works: what it makes of a few blocks is inflated and compared before it is used at
   * all.
   *
   * @throws IllegalArgumentException when the one that is wanted is not there
   */
  public static MemberDeflater choose(Choice choice) {
    return switch (choice) {
      case JDK -> new JdkDeflater(FAST);
      case ISA_L -> wanted(IsalDeflater::load, "ISA-L (libisal2)");
      case LIBDEFLATE -> wanted(() -> LibdeflateDeflater.load(FAST), "libdeflate (libdeflate0)");
      case AUTO -> first(FAST, List.of(IsalDeflater::load, () -> LibdeflateDeflater.load(FAST)));
    };
  }

  /** The one for lines of manifests: of gzip, and the fastest that this machine has. */
  public static MemberDeflater ofLines() {
    return OfLines.DEFLATER;
  }

  /** Chosen when it is first needed: most programs write no manifests. */
  private static final class OfLines {
    /** Digests are half of the lines and do not shrink; of the rest 6 leaves a tenth less. */
    static final int LEVEL = 6;

    static final MemberDeflater DEFLATER =
        first(LEVEL, List.of(IsalDeflater::load, () -> LibdeflateDeflater.load(LEVEL)));
  }

  /**
   * One of this codec.
   *
   * @param level as the codec counts; absent: what suits it
   * @param usual one of gzip; serves where that is asked for without a level, or at its own
   * @throws IOException when this machine has none
   */
  public static MemberDeflater of(
      BackupOptions.Codec codec, @Nullable Integer level, MemberDeflater usual) throws IOException {
    if (codec == BackupOptions.Codec.ZSTD) {
      return zstd(level == null ? ZSTD_LEVEL : level);
    } else if (level == null || level == usual.form().level()) {
      return usual;
    } else if (usual instanceof JdkDeflater) {
      return new JdkDeflater(level);
    }
    return GZIP_BY_LEVEL.computeIfAbsent(
        level, asked -> first(asked, List.of(() -> LibdeflateDeflater.load(asked))));
  }

  /**
   * zstd.
   *
   * @param level 1 to 19
   * @throws IOException when there is none for this kind of machine
   */
  private static MemberDeflater zstd(int level) throws IOException {
    try {
      return ZSTD_BY_LEVEL.computeIfAbsent(level, asked -> proven(new ZstdDeflater(asked)));
    } catch (LinkageError | IllegalStateException e) {
      throw new IOException("this machine has no zstd that works: " + e.getMessage(), e);
    }
  }

  private static MemberDeflater wanted(Supplier<MemberDeflater> load, String name) {
    try {
      return proven(load.get());
    } catch (UnsatisfiedLinkError | IllegalStateException e) {
      throw new IllegalArgumentException(
          "this machine has no " + name + " that works: " + e.getMessage(), e);
    }
  }

  private static MemberDeflater first(int level, List<Supplier<MemberDeflater>> candidates) {
    for (Supplier<MemberDeflater> candidate : candidates) {
      try {
        return proven(candidate.get());
      } catch (UnsatisfiedLinkError | IllegalStateException e) {
        LOG.debug("a deflater is not used", e);
      }
    }
    return new JdkDeflater(level);
  }

  private static MemberDeflater proven(MemberDeflater deflater) {
    Random random = new Random(1);
    for (int size : TEST_SIZES) {
      for (int range : new int[] {2, 256}) {
        byte[] block = new byte[size];
        for (int i = 0; i < size; i++) {
          block[i] = (byte) random.nextInt(range);
        }
        byte[] member = deflater.member(block, size);
        if (!Arrays.equals(block, inflated(member)) || hasOptionalFields(member)) {
          throw new IllegalStateException(deflater.form() + " does not give back what it is given");
        }
      }
    }
    return deflater;
  }

  /** A name or a time in a gzip header; a frame of zstd has no room for such. */
  private static boolean hasOptionalFields(byte[] member) {
    return member[0] == JdkDeflater.HEADER[0] && member[3] != 0;
  }

  private static byte[] inflated(byte[] member) {
    try (InputStream in = MemberCodecs.unpacked(new ByteArrayInputStream(member), BUFFER)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException("a member that cannot be inflated", e);
    }
  }
}

package resguardo.archive;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.zip.GZIPInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which deflater compresses: the fastest that this machine has and that proves itself. */
public final class Deflaters {
  /**
   * Level 1 of zlib is several times as fast as 6 and a tenth larger; what is backed up often
   * should cost the node little.
   */
  private static final int JDK_LEVEL = 1;

  private static final int[] TEST_SIZES = {0, 1, 511, 65_536, 300_000};

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
   * One that works: what it makes of a few blocks is inflated by the JDK and compared before it is
   * used at all.
   *
   * @throws IllegalArgumentException when the one that is wanted is not there
   */
  public static MemberDeflater choose(Choice choice) {
    return switch (choice) {
      case JDK -> new JdkDeflater(JDK_LEVEL);
      case ISA_L -> wanted(IsalDeflater::load, "ISA-L (libisal2)");
      case LIBDEFLATE -> wanted(LibdeflateDeflater::load, "libdeflate (libdeflate0)");
      case AUTO -> first(List.of(IsalDeflater::load, LibdeflateDeflater::load));
    };
  }

  private static MemberDeflater wanted(Supplier<MemberDeflater> load, String name) {
    try {
      return proven(load.get());
    } catch (UnsatisfiedLinkError | IllegalStateException e) {
      throw new IllegalArgumentException(
          "this machine has no " + name + " that works: " + e.getMessage(), e);
    }
  }

  private static MemberDeflater first(List<Supplier<MemberDeflater>> candidates) {
    for (Supplier<MemberDeflater> candidate : candidates) {
      try {
        return proven(candidate.get());
      } catch (UnsatisfiedLinkError | IllegalStateException e) {
        LOG.debug("a deflater is not used", e);
      }
    }
    return new JdkDeflater(JDK_LEVEL);
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
        if (!Arrays.equals(block, inflated(member)) || member[3] != 0) {
          throw new IllegalStateException(deflater.form() + " does not give back what it is given");
        }
      }
    }
    return deflater;
  }

  private static byte[] inflated(byte[] member) {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(member))) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException("a member that the JDK cannot inflate", e);
    }
  }
}

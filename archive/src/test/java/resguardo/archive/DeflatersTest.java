package resguardo.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayInputStream;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DeflatersTest {
  private static byte[] block(int seed, int size) {
    Random random = new Random(seed);
    byte[] block = new byte[size];
    for (int i = 0; i < size; i++) {
      block[i] = (byte) (random.nextInt(4) * random.nextInt(60));
    }
    return block;
  }

  @ParameterizedTest
  @EnumSource
  void everyDeflaterThatIsThereGivesBackEveryBlockFromManyThreadsAndAlwaysTheSameBytes(
      Deflaters.Choice choice) throws Exception {
    MemberDeflater deflater = null;
    try {
      deflater = Deflaters.choose(choice);
    } catch (IllegalArgumentException notInstalled) {
      assumeThat(false).as(notInstalled.getMessage()).isTrue();
    }
    MemberDeflater chosen = deflater;
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      for (int round = 0; round < 40; round++) {
        byte[] block = block(round, round % 5 == 0 ? 2 << 20 : 1000 * round + round);
        Callable<byte[]> work = () -> chosen.member(block, block.length);
        Future<byte[]> one = threads.submit(work);
        Future<byte[]> other = threads.submit(work);
        assertThat(one.get()).isEqualTo(other.get());
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(one.get()))) {
          assertThat(in.readAllBytes()).isEqualTo(block);
        }
        assertThat(MemberCodecs.inflate(one.get(), block.length)).isEqualTo(block);
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void theOneForLinesMakesMembersOfGzip() throws Exception {
    byte[] block = block(7, 100_000);
    byte[] member = Deflaters.ofLines().member(block, block.length);
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(member))) {
      assertThat(in.readAllBytes()).isEqualTo(block);
    }
  }

  @Test
  void whatDoesNotShrinkIsStoredAndReadsBack() throws Exception {
    byte[] block = new byte[300_001];
    new Random(1).nextBytes(block);
    byte[] member = StoredMember.orDeflated(new JdkDeflater(1), block, block.length);
    assertThat(member).hasSize(block.length + 18 + 5 * 5);
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(member))) {
      assertThat(in.readAllBytes()).isEqualTo(block);
    }
    assertThat(MemberCodecs.inflate(member, block.length)).isEqualTo(block);
  }
}

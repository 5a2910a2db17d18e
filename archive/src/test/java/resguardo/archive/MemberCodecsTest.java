package resguardo.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.BackupOptions.Codec;
import resguardo.core.RawPath;

class MemberCodecsTest {
  @AutoClose("shutdown")
  private static final ExecutorService THREADS = Executors.newFixedThreadPool(2);

  private static final MemberDeflater JDK = new JdkDeflater(1);

  @TempDir Path folder;

  private static MemberDeflater of(Codec codec) throws IOException {
    return Deflaters.of(codec, null, JDK);
  }

  private static byte[] tarOf(byte[] archive) throws IOException {
    try (InputStream in = MemberCodecs.unpacked(new ByteArrayInputStream(archive), 4096)) {
      return in.readAllBytes();
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatTarProgramsReadOfAnArchiveIsWhatWasPacked(Codec codec) throws Exception {
    SmallSet set = new SmallSet().packed(of(codec), THREADS);
    Path file = Files.write(folder.resolve("archive"), set.archive());
    String filter = codec == Codec.GZIP ? "-xzpf" : "--zstd -xpf";
    Process tar =
        new ProcessBuilder(
                List.of(
                    "sh",
                    "-c",
                    "tar " + filter + " \"$0\" -C \"$1\"",
                    file.toString(),
                    folder.toString()))
            .inheritIO()
            .start();
    assertThat(tar.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(tar.exitValue()).isZero();
    for (Map.Entry<RawPath, byte[]> one : set.files().entrySet()) {
      assertThat(folder.resolve(one.getKey().text())).hasBinaryContent(one.getValue());
    }
  }

  @ParameterizedTest
  @EnumSource
  void theSameSetGivesTheSameTarByAnyCodecAndTheSameArchiveByTheSame(Codec codec) throws Exception {
    SmallSet set = new SmallSet().packed(of(codec), THREADS);
    assertThat(new SmallSet().packed(of(codec), THREADS).archive()).isEqualTo(set.archive());
    assertThat(tarOf(set.archive()))
        .isEqualTo(tarOf(new SmallSet().packed(JDK, THREADS).archive()));
  }

  @Test
  void aComposedArchiveHasTheCodecThatIsAskedForWhateverItsMembersHad() throws Exception {
    SmallSet zstd = new SmallSet().packed(of(Codec.ZSTD), THREADS);
    SmallSet gzip = new SmallSet().packed(JDK, THREADS);
    assertThat(zstd.composed(of(Codec.ZSTD), THREADS, null)).isEqualTo(zstd.archive());
    assertThat(zstd.composed(JDK, THREADS, null)).isEqualTo(gzip.archive());
    assertThat(gzip.composed(of(Codec.ZSTD), THREADS, null)).isEqualTo(zstd.archive());
  }

  /** Whoever reads an archive from its beginning to its end would take it for more of it. */
  @ParameterizedTest
  @EnumSource
  void aMemberThatHasAnotherBehindItOrAHeaderThatHidesSomethingIsRefused(Codec codec)
      throws Exception {
    byte[] block = "a block".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    byte[] member = of(codec).packed(block, block.length);
    byte[] two = Arrays.copyOf(member, 2 * member.length);
    System.arraycopy(member, 0, two, member.length, member.length);
    assertThatIOException().isThrownBy(() -> MemberCodecs.inflate(two, block.length));
    byte[] named = member.clone();
    named[3] = codec == Codec.GZIP ? 8 : named[3]; // then a name follows, up to a zero
    if (codec == Codec.GZIP) {
      assertThatIOException().isThrownBy(() -> MemberCodecs.inflate(named, block.length));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aMemberThatIsNotAsLongAsItShouldBeIsRefused(Codec codec) throws Exception {
    byte[] block =
        "a block that is packed, ".repeat(1000).getBytes(java.nio.charset.StandardCharsets.UTF_8);
    byte[] member = of(codec).packed(block, block.length);
    assertThat(MemberCodecs.inflate(member, block.length)).isEqualTo(block);
    for (int raw : new int[] {0, 1, block.length - 1, block.length + 1, 4 << 20}) {
      assertThatIOException().isThrownBy(() -> MemberCodecs.inflate(member, raw));
    }
    for (int length = 0; length < member.length - 9; length++) {
      byte[] cut = Arrays.copyOf(member, length);
      assertThatIOException().isThrownBy(() -> MemberCodecs.inflate(cut, block.length));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aMemberOfRandomChangesIsRefusedOrAsLongAsItShouldBe(Codec codec) throws Exception {
    Random random = new Random(5);
    byte[] block = new byte[20_000];
    for (int i = 0; i < block.length; i++) {
      block[i] = (byte) random.nextInt(7);
    }
    byte[] member = of(codec).packed(block, block.length);
    for (int round = 0; round < 3000; round++) {
      byte[] damaged = member.clone();
      for (int i = random.nextInt(4); i >= 0; i--) {
        damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      }
      try {
        assertThat(MemberCodecs.inflate(damaged, block.length)).hasSize(block.length);
      } catch (IOException refused) {
        assertThat(refused).hasMessageMatching("(?s).*(member|neither).*");
      }
    }
  }

  @Test
  void aFlippedBitOfAZstdMemberIsFoundByItsChecksum() throws Exception {
    byte[] block = new byte[100_000];
    new Random(1).nextBytes(block);
    byte[] member = of(Codec.ZSTD).packed(block, block.length);
    member[member.length / 2] ^= 1;
    assertThatIOException().isThrownBy(() -> MemberCodecs.inflate(member, block.length));
  }

  @Test
  void aStreamThatIsNeitherGzipNorZstdOrAsksForMuchMemoryIsRefused() {
    assertThatIOException().isThrownBy(() -> tarOf(new byte[0]));
    assertThatIOException().isThrownBy(() -> tarOf(new byte[] {0x28, (byte) 0xb5}));
    assertThatIOException()
        .isThrownBy(() -> tarOf("plain text".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    // A frame without a size that says it needs a window of 128 MiB.
    byte[] greedy = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, (byte) (17 << 3), 1, 0, 0};
    assertThatIOException().isThrownBy(() -> tarOf(greedy)).withMessageContaining("memory");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 9})
  void aLevelOfGzipIsTakenWhateverDeflaterIsUsual(int level) throws Exception {
    for (Deflaters.Choice usual :
        new Deflaters.Choice[] {Deflaters.Choice.AUTO, Deflaters.Choice.JDK}) {
      MemberDeflater deflater = Deflaters.of(Codec.GZIP, level, Deflaters.choose(usual));
      assertThat(deflater.form().level()).isEqualTo(level);
      SmallSet set = new SmallSet().packed(deflater, THREADS);
      assertThat(tarOf(set.archive()))
          .isEqualTo(tarOf(new SmallSet().packed(JDK, THREADS).archive()));
    }
  }
}

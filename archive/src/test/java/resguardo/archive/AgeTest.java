package resguardo.archive;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.BackupOptions.Codec;

class AgeTest {
  // Made by age-keygen, for these tests alone.
  private static final String ALICE =
      "age1d8v2t2vhh2w5t9xkhz8k705e3tdc4nvq8rc5s03te7565fs829fscmjc0g";
  private static final String ALICES_KEY =
      "AGE-SECRET-KEY-10K7ATN3TDJWHTDANA07G3S7YP7TL98DXYME9ZJRHZ3C08KCEPL0QR7GLTX";
  private static final String BOB =
      "age1q4sjtznknyh5292nl7whqv0m5hyldaafqqkz2yf26sk58m2dz9zqwkh735";
  private static final String BOBS_KEY =
      "AGE-SECRET-KEY-1ZXWW0Z2VFSXWXUDG60NT8MHZE0SD55AJD4REQRCHMNRTZJ6VVYFQK8LDN6";

  /** Around the 64 KiB of a chunk of age, and a member of ours. */
  private static final int[] SIZES = {0, 1, 65_535, 65_536, 65_537, 131_072, 200_003, 1 << 20};

  @AutoClose("shutdown")
  private static final ExecutorService THREADS = Executors.newFixedThreadPool(4);

  @TempDir Path folder;

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private static AgeIdentities alice() {
    return AgeIdentities.of(List.of(ALICES_KEY));
  }

  private Path keys(String... lines) throws IOException {
    return Files.write(folder.resolve("keys"), List.of(lines));
  }

  /** Runs the real program. */
  private static byte[] age(byte[] in, Object... words) throws Exception {
    assumeThat(
            Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(d -> Files.isExecutable(Path.of(d, "age"))))
        .as("age is installed")
        .isTrue();
    List<String> line = new ArrayList<>(List.of("age"));
    Stream.of(words).map(String::valueOf).forEach(line::add);
    Process age = new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    Future<?> written =
        THREADS.submit(
            () -> {
              age.getOutputStream().write(in);
              age.getOutputStream().close();
              return null;
            });
    byte[] out = age.getInputStream().readAllBytes();
    written.get();
    assertThat(age.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(age.exitValue()).isZero();
    return out;
  }

  @Test
  void whatIsEncryptedHereIsReadByAge() throws Exception {
    Path key = keys("# a comment", ALICES_KEY);
    for (int size : SIZES) {
      byte[] file = AgeRecipients.of(List.of(ALICE)).encrypted(random(size));
      assertThat(age(file, "-d", "-i", key)).isEqualTo(random(size));
    }
  }

  @Test
  void whatAgeEncryptsIsReadHere() throws Exception {
    for (int size : SIZES) {
      byte[] file = age(random(size), "-r", BOB, "-r", ALICE);
      assertThat(alice().decrypted(file)).isEqualTo(random(size));
    }
  }

  @Test
  void eachRecipientReadsItAloneAndNobodyElse() throws Exception {
    byte[] file = AgeRecipients.of(List.of(ALICE, BOB)).encrypted(random(1000));
    assertThat(alice().decrypted(file)).isEqualTo(random(1000));
    assertThat(AgeIdentities.of(List.of(BOBS_KEY)).decrypted(file)).isEqualTo(random(1000));
    byte[] forBob = AgeRecipients.of(List.of(BOB)).encrypted(random(1000));
    assertThatExceptionOfType(AgeIdentities.NotForUsException.class)
        .isThrownBy(() -> alice().decrypted(forBob));
    AgeIdentities both = AgeIdentities.of(List.of(ALICES_KEY, "", "# bob", BOBS_KEY));
    assertThat(both.decrypted(forBob)).isEqualTo(random(1000));
  }

  @Test
  void aChangedOrCutFileIsNeverReadAsSomethingElse() throws Exception {
    byte[] plain = random(66_000);
    byte[] file = AgeRecipients.of(List.of(ALICE)).encrypted(plain);
    Random random = new Random(3);
    for (int i = 0; i < 400; i++) {
      byte[] changed = file.clone();
      int at = i < 250 ? i : random.nextInt(file.length);
      changed[at] ^= (byte) (1 << random.nextInt(8));
      assertThatIOException().as("at %d", at).isThrownBy(() -> alice().decrypted(changed));
    }
    for (int i = 0; i < 400; i++) {
      byte[] cut = Arrays.copyOf(file, i < 250 ? i : random.nextInt(file.length));
      assertThatIOException().as("cut to %d", cut.length).isThrownBy(() -> alice().decrypted(cut));
    }
    byte[] longer = Arrays.copyOf(file, file.length + 1);
    assertThatIOException().isThrownBy(() -> alice().decrypted(longer));
  }

  @Test
  void aHeaderOfGarbageIsRefused() {
    Random random = new Random(4);
    String[] words = {
      "age-encryption.org/v1\n", "-> X25519 ", "-> ", "---", " ", "\n", "A".repeat(43), "AAAA", "\0"
    };
    for (int round = 0; round < 20_000; round++) {
      StringBuilder header = new StringBuilder("age-encryption.org/v1\n");
      for (int i = random.nextInt(12); i >= 0; i--) {
        header.append(words[random.nextInt(words.length)]);
      }
      assertThatIOException()
          .isThrownBy(() -> alice().decrypted(header.toString().getBytes(US_ASCII)));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "age1",
        "age1d8v2t2vhh2w5t9xkhz8k705e3tdc4nvq8rc5s03te7565fs829fscmjc0h",
        "AGE-SECRET-KEY-10K7ATN3TDJWHTDANA07G3S7YP7TL98DXYME9ZJRHZ3C08KCEPL0QR7GLTX",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEhr"
      })
  void whatIsNoRecipientIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> AgeRecipients.of(List.of(ALICE, text)));
  }

  @Test
  void aLineThatIsNoIdentityIsRefusedByItsNumberAndNotRepeated() {
    String mistyped = ALICES_KEY.substring(0, ALICES_KEY.length() - 1) + "Q";
    for (String line : List.of(mistyped, ALICE, "secret text")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> AgeIdentities.of(List.of("# comment", BOBS_KEY, line)))
          .withNoCause()
          .withMessageContaining("line 3")
          .withMessageNotContaining(line);
    }
    assertThatIllegalArgumentException().isThrownBy(() -> AgeIdentities.of(List.of("# none")));
  }

  @Test
  void manyThreadsEncryptAtOnceAndNoTwoFilesAreTheSame() throws Exception {
    AgeRecipients recipients = AgeRecipients.of(List.of(ALICE));
    List<Future<byte[]>> files = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      files.add(THREADS.submit(() -> recipients.encrypted(random(5000))));
    }
    List<String> beginnings = new ArrayList<>();
    for (Future<byte[]> file : files) {
      assertThat(alice().decrypted(file.get())).isEqualTo(random(5000));
      beginnings.add(new String(file.get(), 0, 80, US_ASCII));
    }
    assertThat(beginnings).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @EnumSource
  void anEncryptedArchiveHoldsTheSameMembersAndNothingThatCanBeReadWithoutTheKey(Codec codec)
      throws Exception {
    MemberDeflater plain = Deflaters.of(codec, null, new JdkDeflater(1));
    MemberDeflater encrypting = EncryptingDeflater.to(List.of(ALICE), plain);
    assertThat(encrypting.form().encryptedTo()).containsExactly(ALICE);
    assertThat(encrypting.form().codec()).isEqualTo(codec);
    SmallSet open = new SmallSet().packed(plain, THREADS);
    SmallSet closed = new SmallSet().packed(encrypting, THREADS);
    assertThat(new String(closed.archive(), US_ASCII)).doesNotContain("t/20 large", "of a file");
    AgeIdentities alice = alice();
    byte[] composed =
        closed.composed(plain, THREADS, piece -> alice.decrypted(closed.member(piece)));
    assertThat(composed).isEqualTo(open.archive());
    assertThatIOException().isThrownBy(() -> closed.composed(plain, THREADS, null));
    try (InputStream in = new ByteArrayInputStream(closed.archive())) {
      assertThatIOException().isThrownBy(() -> MemberCodecs.unpacked(in, 4096));
    }
  }

  @Test
  void toNobodyIsNotEncrypted() {
    MemberDeflater plain = new JdkDeflater(1);
    assertThat(EncryptingDeflater.to(List.of(), plain)).isSameAs(plain);
  }
}

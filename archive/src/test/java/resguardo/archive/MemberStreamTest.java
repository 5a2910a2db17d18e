package resguardo.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.Piece;
import resguardo.core.version.Placed;

/** Members sent as they lie, and put together where they can be opened. */
class MemberStreamTest {
  // Made by age-keygen, for these tests alone.
  private static final String ALICE =
      "age1d8v2t2vhh2w5t9xkhz8k705e3tdc4nvq8rc5s03te7565fs829fscmjc0g";
  private static final AgeIdentities ALICES_KEY =
      AgeIdentities.of(
          List.of("AGE-SECRET-KEY-10K7ATN3TDJWHTDANA07G3S7YP7TL98DXYME9ZJRHZ3C08KCEPL0QR7GLTX"));
  private static final AgeIdentities BOBS_KEY =
      AgeIdentities.of(
          List.of("AGE-SECRET-KEY-1ZXWW0Z2VFSXWXUDG60NT8MHZE0SD55AJD4REQRCHMNRTZJ6VVYFQK8LDN6"));

  @AutoClose("shutdown")
  private static final ExecutorService THREADS = Executors.newFixedThreadPool(2);

  private static final MemberDeflater JDK = new JdkDeflater(1);

  @TempDir Path spool;

  /** A version in memory. */
  private record Version(List<Placed> lines, Map<Integer, byte[]> archives) {
    static List<Version> all(Map<String, byte[]> bucket) throws Exception {
      List<Version> versions = new ArrayList<>();
      for (Map.Entry<String, byte[]> object : bucket.entrySet()) {
        if (!object.getKey().startsWith("manifests/")) {
          continue;
        }
        try (ManifestReader manifest =
            new ManifestReader(new ByteArrayInputStream(object.getValue()))) {
          Map<Integer, byte[]> archives = new HashMap<>();
          for (ArchiveRef ref : manifest.header().archives()) {
            archives.put(ref.number(), bucket.get(ref.key()));
          }
          List<Placed> lines = new ArrayList<>();
          for (Optional<Placed> line = manifest.next(); line.isPresent(); line = manifest.next()) {
            lines.add(line.get());
          }
          versions.add(new Version(lines, archives));
        }
      }
      return versions;
    }

    byte[] member(Piece piece) {
      int from = (int) piece.offset();
      return Arrays.copyOfRange(archives.get(piece.archive()), from, from + piece.length());
    }

    /** Some of its entries. */
    Version some(Random random) {
      return new Version(lines.stream().filter(line -> random.nextInt(3) > 0).toList(), archives);
    }

    byte[] sent() throws Exception {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      MemberSender sender = new MemberSender(this::member, out::writeBytes);
      for (Placed line : lines) {
        sender.add(line);
      }
      Composer.Composed sent = sender.finish();
      assertThat(sent.bytes()).isEqualTo(out.size());
      return out.toByteArray();
    }

    byte[] composed(Composer.Members members) throws Exception {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      Composer composer = new Composer(JDK, THREADS, members, out::writeBytes);
      for (Placed line : lines) {
        composer.add(line);
      }
      composer.finish();
      return out.toByteArray();
    }
  }

  private static byte[] composed(byte[] stream, AgeIdentities identities) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    MemberReceiver receiver = new MemberReceiver(new ByteArrayInputStream(stream), identities);
    Composer composer = new Composer(JDK, THREADS, receiver, out::writeBytes);
    for (Optional<Placed> line = receiver.next(); line.isPresent(); line = receiver.next()) {
      composer.add(line.get());
    }
    composer.finish();
    return out.toByteArray();
  }

  static Stream<String> vectors() {
    return VectorSets.all().keySet().stream();
  }

  private List<Version> versions(String vector, MemberDeflater deflater) throws Exception {
    return Version.all(
        VectorSets.all().get(vector).make(vector, deflater, THREADS, spool).objects());
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void whatIsComposedAtTheOtherEndIsWhatWouldBeComposedHere(String vector) throws Exception {
    Random random = new Random(7);
    for (Version version : versions(vector, JDK)) {
      for (int i = 0; i < 20; i++) {
        Version some = i == 0 ? version : version.some(random);
        assertThat(composed(some.sent(), null)).isEqualTo(some.composed(some::member));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void whatIsEncryptedIsComposedWhereTheKeyIs(String vector) throws Exception {
    List<Version> plain = versions(vector, JDK);
    List<Version> encrypted = versions(vector, EncryptingDeflater.to(List.of(ALICE), JDK));
    for (int i = 0; i < plain.size(); i++) {
      byte[] stream = encrypted.get(i).sent();
      assertThat(composed(stream, ALICES_KEY))
          .isEqualTo(plain.get(i).composed(plain.get(i)::member));
      assertThatExceptionOfType(AgeIdentities.NotForUsException.class)
          .isThrownBy(() -> composed(stream, BOBS_KEY));
      assertThatIOException().isThrownBy(() -> composed(stream, null));
    }
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void contentIsCheckedAtTheOtherEndToo(String vector) throws Exception {
    for (Version version : versions(vector, EncryptingDeflater.to(List.of(ALICE), JDK))) {
      MemberReceiver receiver =
          new MemberReceiver(new ByteArrayInputStream(version.sent()), ALICES_KEY);
      ContentCheck check = new ContentCheck(receiver);
      List<Placed> checked = new ArrayList<>();
      for (Optional<Placed> line = receiver.next(); line.isPresent(); line = receiver.next()) {
        check.check(line.get());
        checked.add(line.get());
      }
      assertThat(checked).isEqualTo(version.lines());
    }
  }

  @Test
  void aMemberThatManyEntriesShareIsSentOnce() throws Exception {
    SmallSet set = new SmallSet().packed(JDK, THREADS);
    Version version = new Version(set.placed(), Map.of(1, set.archive()));
    int lines =
        set.placed().stream()
            .mapToInt(line -> resguardo.core.version.EntryCodec.write(line).length + 1)
            .sum();
    assertThat(version.sent().length - lines).isLessThanOrEqualTo(set.archive().length);
  }

  @Test
  void whatIsNotReadOfALargeFileIsPassedOver() throws Exception {
    SmallSet set = new SmallSet().packed(JDK, THREADS);
    Version version = new Version(set.placed(), Map.of(1, set.archive()));
    MemberReceiver receiver = new MemberReceiver(new ByteArrayInputStream(version.sent()), null);
    List<Placed> seen = new ArrayList<>();
    for (Optional<Placed> line = receiver.next(); line.isPresent(); line = receiver.next()) {
      seen.add(line.get());
      if (line.get().place().chunks().size() > 1) {
        receiver.read(line.get().place().chunks().get(0).piece());
        Piece last =
            line.get().place().chunks().get(line.get().place().chunks().size() - 1).piece();
        if (line.get().place().chunks().size() > 2) {
          assertThatIOException().isThrownBy(() -> receiver.read(last));
        }
      }
    }
    assertThat(seen).isEqualTo(set.placed());
  }

  @Test
  void aStreamThatIsCutOrIsNoneIsTold() throws Exception {
    SmallSet set = new SmallSet().packed(EncryptingDeflater.to(List.of(ALICE), JDK), THREADS);
    byte[] stream = new Version(set.placed(), Map.of(1, set.archive())).sent();
    Random random = new Random(9);
    for (int i = 0; i < 60; i++) {
      byte[] cut = Arrays.copyOf(stream, 1 + random.nextInt(stream.length - 2));
      try {
        // Where it is cut between two entries, it is their number and digest that tell.
        assertThat(composed(cut, ALICES_KEY)).isNotEmpty();
      } catch (EOFException told) {
        assertThat(told).hasMessageContaining("end within");
      }
    }
    byte[] endless = new byte[40 << 20];
    Arrays.fill(endless, (byte) 'x');
    assertThatIOException()
        .isThrownBy(() -> new MemberReceiver(new ByteArrayInputStream(endless), null).next())
        .withMessageContaining("a line of more than");
    for (String none : List.of("{}\n", "\n")) {
      byte[] bytes = none.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> new MemberReceiver(new ByteArrayInputStream(bytes), null).next())
          .withMessageContaining("an entry that cannot be read");
    }
  }
}

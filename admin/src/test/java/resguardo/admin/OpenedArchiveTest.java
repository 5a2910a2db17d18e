package resguardo.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import resguardo.archive.AgeIdentities;
import resguardo.archive.ArchiveWriter;
import resguardo.archive.Composer;
import resguardo.archive.EncryptingDeflater;
import resguardo.archive.JdkDeflater;
import resguardo.archive.MemberCodecs;
import resguardo.archive.MemberSender;
import resguardo.archive.SetTotals;
import resguardo.core.JobId;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.SourcePath;
import resguardo.core.port.ChunkKind;
import resguardo.core.port.Platform;
import resguardo.core.port.Reply;
import resguardo.core.protocol.QueryJob;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.ChunkSender;
import resguardo.core.version.ArchiveRef;
import resguardo.core.version.Entry;
import resguardo.core.version.Placed;
import resguardo.core.version.VersionHeader;
import resguardo.testkit.versions.MadeEntries;

class OpenedArchiveTest {
  // Made by age-keygen, for these tests alone.
  private static final String ALICE =
      "age1d8v2t2vhh2w5t9xkhz8k705e3tdc4nvq8rc5s03te7565fs829fscmjc0g";
  private static final AgeIdentities ALICES_KEY =
      AgeIdentities.of(
          List.of("AGE-SECRET-KEY-10K7ATN3TDJWHTDANA07G3S7YP7TL98DXYME9ZJRHZ3C08KCEPL0QR7GLTX"));
  private static final AgeIdentities BOBS_KEY =
      AgeIdentities.of(
          List.of("AGE-SECRET-KEY-1ZXWW0Z2VFSXWXUDG60NT8MHZE0SD55AJD4REQRCHMNRTZJ6VVYFQK8LDN6"));

  private static final RegistrationKey KEY =
      new RegistrationKey(new NodeName("alpha"), SourcePath.parse("/t"));
  private static final ReplyId ANY = new ReplyId("0123456789abcdef0123456789abcdef");

  @AutoClose("shutdown")
  private static final ExecutorService THREADS = Executors.newSingleThreadExecutor();

  /** A worker at the other end whose words are prepared. */
  private static final class Worker extends OtherEnd {
    @Override
    public void send(ReplyId to, Reply message) {
      if (message instanceof Reply.Chunk) {
        says.add(new Received(new Peer(Role.WORKER, "w-1"), message));
      }
    }
  }

  private final Worker worker = new Worker();
  private final ChunkSender stream =
      new ChunkSender(worker, ANY, Long.MAX_VALUE, Duration.ofSeconds(1), Platform.ofJvm());
  private final List<Placed> lines = new ArrayList<>();
  private byte[] archive = {};
  private byte[] sent = {};
  private VersionHeader header;

  private static byte[] content(String name) {
    byte[] content = new byte[name.equals("large") ? 3_000_000 : 40_000];
    new Random(name.hashCode()).nextBytes(content);
    return content;
  }

  @BeforeEach
  void makeAVersionThatIsEncryptedToAlice() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ArchiveWriter writer =
        new ArchiveWriter(
            EncryptingDeflater.to(List.of(ALICE), new JdkDeflater(1)),
            THREADS,
            1,
            true,
            out::writeBytes,
            null);
    for (String name : List.of("a", "b", "c", "d", "e", "f", "g", "h", "large", "small")) {
      byte[] content = content(name);
      Entry entry = MadeEntries.file("t/" + name, content.length);
      if (content.length > ArchiveWriter.SMALL) {
        InputStream in = new ByteArrayInputStream(content);
        writer.add(entry, in::read, digest -> null, lines::add);
      } else {
        writer.add(entry.read(Sha256.of(content), null), content, content.length, lines::add);
      }
    }
    ArchiveWriter.Written written = writer.finish();
    archive = out.toByteArray();
    header =
        new VersionHeader(
            VersionHeader.FORMAT,
            KEY,
            Serial.first(),
            1,
            JobId.of(KEY, 1, Instant.EPOCH),
            Instant.EPOCH,
            Instant.EPOCH,
            List.of(new ArchiveRef(1, "a", written.bytes(), written.digest(), written.form())),
            true,
            written.digest(),
            new SetTotals().totals());
  }

  private StreamMessage.Finished sendMembers() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    MemberSender sender =
        new MemberSender(
            piece ->
                Arrays.copyOfRange(
                    archive, (int) piece.offset(), (int) piece.offset() + piece.length()),
            out::writeBytes);
    for (Placed line : lines) {
      sender.add(line);
    }
    Composer.Composed all = sender.finish();
    sent = out.toByteArray();
    stream.message(new StreamMessage.QueryOpened(header, ANY, true));
    for (int from = 0; from < sent.length; from += 100_000) {
      stream.send(
          ChunkKind.ARCHIVE, Arrays.copyOfRange(sent, from, Math.min(sent.length, from + 100_000)));
    }
    return new StreamMessage.Finished(all.bytes(), all.digest(), null, null);
  }

  private void open(AgeIdentities keys, OutputStream out) throws Exception {
    VersionQuery query = new VersionQuery(worker, worker, Duration.ofSeconds(30), "query it");
    ArchiveSource.of(query, (what, packing) -> id -> null, QueryJob.Packing.GZIP, keys)
        .into(out, bytes -> {});
  }

  private AdminException failure(AgeIdentities keys) {
    return catchThrowableOfType(
        AdminException.class, () -> open(keys, OutputStream.nullOutputStream()));
  }

  @Test
  void membersThatOnlyTheKeyOpensBecomeOnePlainArchive() throws Exception {
    stream.message(sendMembers());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    open(ALICES_KEY, out);
    try (InputStream in =
        MemberCodecs.unpacked(new ByteArrayInputStream(out.toByteArray()), 4096)) {
      String tar = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
      for (Placed line : lines) {
        String name = line.entry().name().text();
        assertThat(tar).contains(name);
        assertThat(tar)
            .contains(new String(content(name.substring(2)), StandardCharsets.ISO_8859_1));
      }
    }
  }

  @Test
  void withAnotherKeyNothingIsOpenedAndItIsSaidWhy() throws Exception {
    stream.message(sendMembers());
    AdminException failure = failure(BOBS_KEY);
    assertThat(failure.exit()).isEqualTo(ExitCode.FAILED);
    assertThat(failure.text())
        .contains("Failed to query it: none of the keys opens it", "--identity");
  }

  @Test
  void aMemberThatWasChangedIsNotPassedOn() throws Exception {
    for (int i = 0; i < archive.length; i += 50_000) {
      archive[i + 1000 > archive.length - 1 ? i : i + 1000] ^= 1;
    }
    stream.message(sendMembers());
    assertThat(failure(ALICES_KEY).exit()).isEqualTo(ExitCode.FAILED);
  }

  @Test
  void aWorkerThatCannotGoOnIsHeard() throws Exception {
    sendMembers();
    stream.message(
        new StreamMessage.Failed(StreamMessage.Failed.Kind.CORRUPT, "archive a ends too early"));
    assertThat(failure(ALICES_KEY).text()).contains("archive a ends too early");
  }

  @Test
  void aStreamThatEndsAsAnotherIsNotTaken() throws Exception {
    StreamMessage.Finished end = sendMembers();
    stream.message(
        new StreamMessage.Finished(end.archiveBytes(), Sha256.of(new byte[0]), null, null));
    assertThat(failure(ALICES_KEY).text()).contains("what came is not what was sent");
  }

  @Test
  void aLostPieceEndsItAtOnce() throws Exception {
    stream.message(sendMembers());
    worker.says.remove(worker.says.stream().skip(5).findFirst().orElseThrow());
    assertThat(failure(ALICES_KEY).text()).contains("chunk 5 is missing");
  }

  @Test
  void aDiskThatIsFullIsNotTakenForDamage() throws Exception {
    stream.message(sendMembers());
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("no space left on device");
          }
        };
    assertThatThrownBy(() -> open(ALICES_KEY, full))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no space left");
  }
}

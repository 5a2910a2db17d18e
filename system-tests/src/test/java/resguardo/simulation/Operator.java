package resguardo.simulation;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import resguardo.core.DrillPolicy;
import resguardo.core.Peer;
import resguardo.core.Registration;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.Schedule;
import resguardo.core.Serial;
import resguardo.core.Sha256;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;
import resguardo.core.port.StoreException;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.protocol.VersionChoice;
import resguardo.core.stream.ChunkReceiver;
import resguardo.core.stream.ReplayedMailbox;
import resguardo.core.stream.StreamBrokenException;
import resguardo.core.version.ManifestReader;
import resguardo.core.version.Placed;
import resguardo.core.version.VersionHeader;
import resguardo.testkit.broker.BrokerPorts;

/**
 * Who registers, changes their mind, and restores what was backed up: each version that comes is
 * held against what the files were.
 */
final class Operator {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration SILENCE = Duration.ofSeconds(60);

  private final SimulatedProcess process;
  private final Random random;
  private final BrokerPorts broker;
  private final ArchiveStore bucket;
  private final Watch watch;
  private final Watch.Violations violations;
  private final List<Source> sources;

  /** What was not answered may be carried out at any later time, even after what came later. */
  private final Set<RegistrationKey> unanswered = new TreeSet<>();

  private long compared;
  private long bytes;
  private long queries;
  private long commands;

  /** It was not answered, or not to the end: to be asked again. */
  static final class NoAnswerException extends Exception {
    private static final long serialVersionUID = 1;

    NoAnswerException(String why) {
      super(why);
    }
  }

  /**
   * @param bucket as it is, to look at and not to change
   */
  Operator(
      SimulatedProcess process,
      Random random,
      BrokerPorts broker,
      ArchiveStore bucket,
      Watch watch,
      Watch.Violations violations,
      List<Source> sources) {
    this.process = process;
    this.random = random;
    this.broker = broker;
    this.bucket = bucket;
    this.watch = watch;
    this.violations = violations;
    this.sources = sources;
  }

  long compared() {
    return compared;
  }

  long bytes() {
    return bytes;
  }

  long queries() {
    return queries;
  }

  long commands() {
    return commands;
  }

  /** Registers, until the coordinator says that it is done. */
  void register(Source source, long seconds) throws InterruptedException {
    Schedule schedule = new Schedule.Every(seconds);
    RegistrationKey key = source.key();
    ask(
        key,
        replyTo ->
            new Command.Register(
                key.node(),
                key.path(),
                schedule,
                null,
                null,
                source.retention(),
                DrillPolicy.NEVER, // a drill reads on two threads by a pipe of their own
                replyTo));
    Registration now = watch.registration(key);
    if (unanswered.contains(key)) {
      return;
    }
    if (now == null || !now.active() || !now.schedule().equals(schedule)) {
      violations.add("the coordinator said that it registered " + key + ", and there is " + now);
    }
  }

  /** Removes, likewise. */
  void unregister(Source source) throws InterruptedException {
    RegistrationKey key = source.key();
    ask(key, replyTo -> new Command.Unregister(key.node(), key.path(), replyTo));
    Registration now = watch.registration(key);
    if (unanswered.contains(key)) {
      return;
    }
    if (now != null && now.active()) {
      violations.add("the coordinator said that it removed " + key + ", and there is " + now);
    }
  }

  private void ask(RegistrationKey key, Function<ReplyId, Command> question)
      throws InterruptedException {
    commands++;
    while (!isDone(question)) {
      unanswered.add(key);
      process.sleep(Duration.ofSeconds(1));
    }
  }

  private boolean isDone(Function<ReplyId, Command> question) throws InterruptedException {
    ReplyId replyTo = process.newId();
    try (ReplyChannel.Mailbox mailbox = broker.replies().open(replyTo, 10)) {
      broker.commands().send(question.apply(replyTo));
      Optional<ReplyChannel.Received> received = mailbox.receive(PATIENCE);
      return received.isPresent()
          && received.get().message() instanceof Reply.Said said
          && (said.answer() instanceof Answer.Done
              || (said.answer() instanceof Answer.Refused refused
                  && refused.reason() == Answer.Refused.Reason.NOT_FOUND));
    } catch (BrokerException e) {
      return false;
    }
  }

  /** Whichever source is as good as any. */
  Source any() {
    return sources.get(random.nextInt(sources.size()));
  }

  /**
   * Restores the newest version, and holds it against what there was when it was made.
   *
   * @return the serial of the version that came; empty: there is none
   */
  Optional<Long> compare(Source source) throws InterruptedException, NoAnswerException {
    long asked = process.nanoTime();
    int versions = watch.of(source.key()).versions().size();
    Optional<Restored> restored = query(source.key(), null);
    if (restored.isEmpty()) {
      if (versions > 0) {
        violations.add("there is no version of " + source.key() + ", but there was one");
      }
      return Optional.empty();
    }
    VersionHeader header = restored.get().header();
    if (header.serial().value() < versions) {
      violations.add("the newest version was " + header.serial() + " after " + versions);
    }
    compareWithThen(source, restored.get());
    return Optional.of(header.serial().value());
  }

  private void compareWithThen(Source source, Restored restored) {
    Serial serial = restored.header().serial();
    long committed = watch.of(source.key()).committed((int) serial.value());
    long from = watch.of(source.key()).lastButOne(committed);
    source
        .neverWas(restored.files(), from, committed)
        .ifPresent(
            what -> violations.add("version " + serial + " of " + source.key() + ": " + what));
    compared++;
  }

  /** Whatever is a version can be restored, and is what there was when it was made. */
  void compareOlder(Source source, Serial serial) throws InterruptedException, NoAnswerException {
    Optional<Restored> restored = query(source.key(), new VersionChoice.Numbered(serial));
    if (restored.isPresent()) {
      compareWithThen(source, restored.get());
    } else if (watch.of(source.key()).there().containsKey(serial)) {
      violations.add("version " + serial + " of " + source.key() + " is not found");
    }
  }

  /** What is restored of the newest version is what there is now. */
  void compareWithNow(Source source) throws InterruptedException, NoAnswerException {
    Optional<Restored> restored = query(source.key(), null);
    if (restored.isEmpty()) {
      violations.add("nothing of " + source.key() + " can be restored at the end");
      return;
    }
    long now = process.nanoTime();
    source
        .neverWas(restored.get().files(), now, now)
        .ifPresent(what -> violations.add("at the end, " + source.key() + ": " + what));
    compared++;
  }

  private record Restored(VersionHeader header, Map<String, byte[]> files) {}

  private Optional<Restored> query(RegistrationKey key, @Nullable VersionChoice which)
      throws InterruptedException, NoAnswerException {
    queries++;
    ReplyId replyTo = process.newId();
    try (ReplyChannel.Mailbox mailbox =
        broker.replies().open(replyTo, ChunkReceiver.capacity(ChunkReceiver.WINDOW))) {
      broker
          .commands()
          .send(new Command.Query(key.node(), key.path(), which, null, null, null, replyTo));
      Optional<ReplyChannel.Received> first = mailbox.receive(PATIENCE);
      if (first.isEmpty()) {
        throw new NoAnswerException("no answer");
      }
      if (first.get().message() instanceof Reply.Said said) {
        return refused(said.answer());
      }
      return Optional.of(received(first.get(), mailbox));
    } catch (StreamBrokenException | BrokerException e) {
      throw new NoAnswerException(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      violations.add("what came of " + key + " cannot be read: " + e);
      throw new NoAnswerException(String.valueOf(e.getMessage()));
    }
  }

  private static Optional<Restored> refused(Answer answer) throws NoAnswerException {
    if (answer instanceof Answer.Refused refused
        && refused.reason() == Answer.Refused.Reason.NOT_FOUND) {
      return Optional.empty();
    }
    throw new NoAnswerException(answer.toString());
  }

  private Restored received(ReplyChannel.Received first, ReplyChannel.Mailbox mailbox)
      throws IOException, InterruptedException, NoAnswerException {
    Peer from = first.from();
    if (from.role() != Role.WORKER) {
      throw new NoAnswerException("answered by " + from);
    }
    Credits credits = new Credits();
    ChunkReceiver stream =
        new ChunkReceiver(
            new ReplayedMailbox(first, mailbox), from, ChunkReceiver.WINDOW, credits::grant);
    if (!(stream.receive(SILENCE) instanceof ChunkReceiver.Said opening)
        || !(opening.message() instanceof StreamMessage.QueryOpened opened)) {
      throw new NoAnswerException("not opened");
    }
    credits.to = opened.creditTo();
    credits.grant(ChunkReceiver.WINDOW);
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    while (true) {
      ChunkReceiver.Piece piece = stream.receive(SILENCE);
      if (piece instanceof ChunkReceiver.Data data) {
        archive.writeBytes(data.payload());
      } else if (piece instanceof ChunkReceiver.Said said && said.message().last()) {
        ended(said.message(), archive.toByteArray());
        Map<String, byte[]> files = files(archive.toByteArray());
        compareWithManifest(opened.header(), files);
        return new Restored(opened.header(), files);
      }
    }
  }

  /** What came is the version that it is said to be. */
  private void compareWithManifest(VersionHeader header, Map<String, byte[]> files)
      throws IOException {
    Map<String, Sha256> expected = new TreeMap<>();
    VersionCatalog versions = new VersionCatalog(bucket);
    try (ManifestReader lines = versions.manifest(header.registration(), header.serial())) {
      for (Optional<Placed> line = lines.next(); line.isPresent(); line = lines.next()) {
        Sha256 digest = line.get().entry().digest();
        if (digest != null) {
          expected.put(lastName(line.get().entry().name().toString()), digest);
        }
      }
    } catch (StoreException.NotFound expired) {
      if (watch.of(header.registration()).there().containsKey(header.serial())) {
        throw expired;
      }
      return; // meanwhile, and what it was is not known any more
    } catch (MalformedMessageException e) {
      violations.add("the manifest of " + header.serial() + " cannot be read: " + e);
    }
    Map<String, Sha256> came = new TreeMap<>();
    files.forEach((name, content) -> came.put(name, Sha256.of(content)));
    if (!came.equals(expected)) {
      violations.add(
          "what came as version %s of %s is another: %s instead of %s"
              .formatted(header.serial(), header.registration(), came, expected));
    }
  }

  private static String lastName(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private void ended(StreamMessage end, byte[] archive) throws NoAnswerException {
    if (end instanceof StreamMessage.Failed failed) {
      if (failed.kind() == StreamMessage.Failed.Kind.CORRUPT) {
        violations.add("what is stored is not what was stored: " + failed.why());
      }
      throw new NoAnswerException(failed.why());
    }
    StreamMessage.Finished finished = (StreamMessage.Finished) end;
    if (!finished.archiveDigest().equals(Sha256.of(archive))) {
      violations.add("an archive came otherwise than it was sent");
    }
  }

  private Map<String, byte[]> files(byte[] archive) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (InputStream gunzipped = new GZIPInputStream(new ByteArrayInputStream(archive));
        TarArchiveInputStream tar = new TarArchiveInputStream(gunzipped)) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (!entry.isDirectory()) {
          byte[] content = tar.readAllBytes();
          bytes += content.length;
          files.put(lastName(entry.getName()), content);
        }
      }
    }
    return files;
  }

  private final class Credits {
    private @Nullable ReplyId to;

    void grant(long upTo) {
      if (to == null) {
        return;
      }
      try {
        broker.replies().send(to, new Reply.Credit(upTo));
      } catch (BrokerException e) {
        // the next credit says all that this one does
      }
    }
  }
}

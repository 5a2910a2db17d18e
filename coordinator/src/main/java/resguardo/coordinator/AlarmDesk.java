package resguardo.coordinator;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import resguardo.core.catalog.Acceptance;
import resguardo.core.catalog.Alarms;
import resguardo.core.catalog.DamagedException;
import resguardo.core.port.BrokerException;
import resguardo.core.port.Sender;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;
import resguardo.core.protocol.Event;
import resguardo.core.version.VersionHeader;

/**
 * Shows suspicious versions, and takes an operator's word about them. Knows nothing that is not in
 * the bucket, and needs no lock: a word is written once, whoever writes it.
 */
final class AlarmDesk {
  /** Each is some objects to be read: some tenths of a second for all. */
  private static final int A_PAGE = 50;

  private static final Logger LOG = LoggerFactory.getLogger(AlarmDesk.class);

  private final CoordinatorContext context;
  private final Alarms alarms;

  AlarmDesk(CoordinatorContext context) {
    this.context = context;
    this.alarms = new Alarms(context.store());
  }

  /** What is damaged is told in the log here, and by the look at everything. */
  static void leaveOut(DamagedException damaged) {
    LOG.error("left out: {}", damaged.getMessage());
  }

  /** A page of suspicious versions. */
  Answer list(Command.Alarms asked) throws IOException {
    Alarms.Page page = alarms.page(asked.after(), A_PAGE, asked.accepted(), AlarmDesk::leaveOut);
    return new Answer.Alarms(page.raised().stream().map(AlarmDesk::line).toList(), page.next());
  }

  private static Answer.AlarmLine line(Alarms.Raised raised) {
    VersionHeader header = raised.header();
    return new Answer.AlarmLine(
        header.registration(),
        header.serial(),
        header.slot(),
        header.committed(),
        java.util.Objects.requireNonNull(header.alarm()),
        raised.acceptance());
  }

  /**
   * Keeps an operator's word.
   *
   * @param sender whose word it is
   */
  Answer accept(Command.AcceptAlarm word, Sender sender) throws IOException {
    List<Alarms.Raised> meant =
        word.serial() == null
            ? alarms.of(word.key())
            : alarms.raised(word.key(), word.serial()).stream().toList();
    if (meant.isEmpty()) {
      String of = word.serial() == null ? "" : "version " + word.serial() + " of ";
      return new Answer.Refused(
          Answer.Refused.Reason.NOT_FOUND,
          "there is no alarm of " + of + word.key(),
          "admin alarms lists those that are open, admin alarms --all the others too.");
    }
    List<Alarms.Raised> open = meant.stream().filter(one -> one.acceptance() == null).toList();
    for (Alarms.Raised raised : open) {
      accept(raised.header(), sender);
    }
    return new Answer.Done(open.isEmpty() ? before(meant) : "accepted " + numbers(open, word));
  }

  private void accept(VersionHeader header, Sender sender) throws IOException {
    Instant now = context.clock().instant();
    alarms.accept(
        new Acceptance(
            Acceptance.VERSION,
            header.registration(),
            header.serial(),
            now,
            sender,
            context.self()));
    context
        .activity()
        .tell(
            header.registration().node(),
            header.registration().path(),
            "the alarm of version " + header.serial() + " is accepted" + by(sender));
    try {
      context
          .events()
          .publish(
              new Event.AlarmAccepted(
                  now, context.self(), header.registration(), header.serial(), sender));
    } catch (BrokerException e) {
      LOG.debug("not told", e); // events are hints
    }
  }

  private static String numbers(List<Alarms.Raised> open, Command.AcceptAlarm word) {
    return "version "
        + open.stream().map(one -> one.header().serial().text()).collect(Collectors.joining(", "))
        + " of "
        + word.key();
  }

  /** It was accepted before: by whom, the last of them says. */
  private static String before(List<Alarms.Raised> meant) {
    Alarms.Raised last = meant.get(meant.size() - 1);
    Optional<Acceptance> word = Optional.ofNullable(last.acceptance());
    return "version "
        + last.header().serial()
        + " was accepted before"
        + word.map(there -> by(there.sender()) + " at " + there.time()).orElse("");
  }

  private static String by(Sender sender) {
    return sender.name().map(name -> " by " + name).orElse("");
  }
}

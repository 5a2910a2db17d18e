package resguardo.admin;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import resguardo.archive.AgeIdentities;
import resguardo.archive.ContentCheck;
import resguardo.archive.MemberReceiver;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.version.Placed;

/**
 * All content of a version read on this machine, where the key is, and held against its digests.
 */
final class ContentOfVersion {
  /** More would not tell an operator more. */
  private static final int MOST_PROBLEMS = 100;

  private final List<String> problems = new ArrayList<>();
  private long more;
  private long entries;
  private long bytes;

  /**
   * Reads all that comes.
   *
   * @throws AgeIdentities.NotForUsException when no key opens it
   * @throws IOException when what comes breaks off
   */
  void read(MemberReceiver members) throws IOException {
    ContentCheck check = new ContentCheck(members);
    for (Optional<Placed> entry = members.next(); entry.isPresent(); entry = members.next()) {
      entries++;
      read(check, entry.get());
    }
  }

  private void read(ContentCheck check, Placed entry) throws IOException {
    try {
      check.check(entry);
      bytes += entry.entry().stored();
    } catch (AgeIdentities.NotForUsException none) {
      throw none;
    } catch (IOException e) {
      if (problems.size() < MOST_PROBLEMS) {
        problems.add(entry.entry().name() + ": " + e.getMessage());
      } else {
        more++;
      }
    }
  }

  /** What was found. */
  StreamMessage.Verified verified() {
    return new StreamMessage.Verified(entries, bytes, problems, more);
  }
}

package resguardo.archive;

import java.util.ArrayList;
import java.util.List;
import resguardo.core.protocol.StreamMessage;

/** What a restore has to tell in the end. For one thread. */
public final class RestoreReport {
  /** More would not tell an operator more. */
  private static final int MOST_WARNINGS = 100;

  private final List<String> warnings = new ArrayList<>();
  private long more;

  /** Something could not be restored as it was. */
  public void warn(String what) {
    if (warnings.size() < MOST_WARNINGS) {
      warnings.add(what);
    } else {
      more++;
    }
  }

  /** All of it. */
  public StreamMessage.Restored of(Extractor.Restored restored) {
    return new StreamMessage.Restored(restored.files(), restored.bytes(), warnings, more);
  }
}

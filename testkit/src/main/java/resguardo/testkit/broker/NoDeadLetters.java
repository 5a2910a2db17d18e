package resguardo.testkit.broker;

import java.util.List;
import org.jspecify.annotations.Nullable;
import resguardo.core.port.DeadLetter;
import resguardo.core.port.DeadLetterQueue;

/** Where nobody looks at what was given up. */
public final class NoDeadLetters implements DeadLetterQueue {
  @Override
  public List<DeadLetter> list(int most) {
    return List.of();
  }

  @Override
  public int settle(@Nullable String id, boolean retry) {
    return 0;
  }
}

package resguardo.core.port;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A message that was given up.
 *
 * @param id made of what it is, so the same each time it is looked at
 * @param queue from which it came; absent: it was put there by hand
 * @param reason why it was given up; absent: not said
 * @param died when; absent: not said
 * @param text the beginning of it, fit to be shown
 */
public record DeadLetter(
    String id,
    @Nullable String queue,
    @Nullable String reason,
    @Nullable Instant died,
    String text) {}

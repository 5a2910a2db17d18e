package resguardo.core.port;

import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where in a trace a piece of work stands that others are a part of, as the {@code traceparent} of
 * W3C Trace Context writes it: {@code 00-<32 hex digits>-<16 hex digits>-<2 hex digits>}. Each
 * thread is at one or at none; messages about jobs and orders carry that of the thread that sends
 * them.
 *
 * @param traceparent of that form, with a trace and a span that are not all zeros
 */
public record TraceContext(String traceparent) {
  /** The name of the header of messages. */
  public static final String HEADER = "traceparent";

  /** All of that form are of so many characters; what is longer is not even looked at. */
  public static final int LENGTH = 55;

  private static final Pattern RULE =
      Pattern.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

  private static final ThreadLocal<@Nullable TraceContext> CURRENT = new ThreadLocal<>();

  /**
   * @throws IllegalArgumentException when it is not of the form
   */
  public TraceContext {
    if (!isOne(traceparent)) {
      throw new IllegalArgumentException("not a traceparent");
    }
  }

  /**
   * That of a header, whoever wrote it.
   *
   * @param header anything; what is not of the form is as if it were absent
   */
  public static Optional<TraceContext> parse(String header) {
    return isOne(header) ? Optional.of(new TraceContext(header)) : Optional.empty();
  }

  private static boolean isOne(String text) {
    return text.length() == LENGTH && RULE.matcher(text).matches();
  }

  /** Where this thread is; empty: in no trace. */
  public static Optional<TraceContext> current() {
    return Optional.ofNullable(CURRENT.get());
  }

  /**
   * Takes this thread there, until the return is closed: then it is where it was before.
   *
   * @param there absent: out of any trace
   */
  public static Scope enter(@Nullable TraceContext there) {
    TraceContext before = CURRENT.get();
    if (before == null && there == null) {
      return Scope.NOTHING;
    }
    CURRENT.set(there);
    return () -> {
      if (before == null) {
        CURRENT.remove();
      } else {
        CURRENT.set(before);
      }
    };
  }

  /** For how long a thread is somewhere. */
  public interface Scope extends AutoCloseable {
    /** Goes nowhere. */
    Scope NOTHING = () -> {};

    @Override
    void close();
  }
}

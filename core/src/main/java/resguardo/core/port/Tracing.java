package resguardo.core.port;

import org.jspecify.annotations.Nullable;
import resguardo.core.JobId;

/**
 * Tells how long the steps of a piece of work took, and which belong together, over all processes
 * that have a part in it. It is a help for people: whatever goes wrong with it is not told to who
 * uses it, delays nothing, and loses no more than what was to be told.
 */
public interface Tracing extends AutoCloseable {
  /** Tells nobody, and costs nothing. */
  Tracing NONE =
      new Tracing() {
        @Override
        public Step begin(String name, @Nullable JobId job) {
          return Step.NOTHING;
        }

        @Override
        public void close() {}
      };

  /**
   * Begins a step, as a part of where this thread is ({@link TraceContext#current}), and takes the
   * thread into it until it is closed, on the same thread.
   *
   * @param name the same for all steps of this kind
   * @param job where the thread is in no trace: that of this job, which is the same whoever begins
   *     it, how often ever; absent: one of its own
   */
  Step begin(String name, @Nullable JobId job);

  /** As {@link #begin(String, JobId)} without a job. */
  default Step begin(String name) {
    return begin(name, null);
  }

  /** Tells what is still to be told, for a moment at the most. */
  @Override
  void close();

  /** Something that takes a while. */
  interface Step extends AutoCloseable {
    /** Of no trace. */
    Step NOTHING =
        new Step() {
          @Override
          public Step with(String name, @Nullable Object value) {
            return this;
          }

          @Override
          public void failed(@Nullable String why) {}

          @Override
          public void close() {}
        };

    /**
     * Says something about it.
     *
     * @param name in the words of the field, such as {@code resguardo.node}
     * @param value told as text, cut to a few hundred characters; absent: nothing is said
     */
    Step with(String name, @Nullable Object value);

    /** It did not do what it was to do. */
    void failed(@Nullable String why);

    /** It is over. */
    @Override
    void close();
  }
}

package resguardo.core.port;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Messages that were given up, and lie there until an operator is done with them. */
public interface DeadLetterQueue {
  /**
   * The first of them, in no order that can be relied on. They stay.
   *
   * @param most how many at the most
   */
  List<DeadLetter> list(int most) throws BrokerException;

  /**
   * Is done with some of them. One that is to be sent again goes to the end of the queue that it
   * came from, and is gone from here once the broker has it there; a process that dies in between
   * leaves it in both places, which does no harm.
   *
   * @param id of the one; absent: all that are there now
   * @param retry whether they are sent again; else they are thrown away
   * @return how many; those that cannot be sent again, such as commands, whose sender the broker
   *     would no longer vouch for, stay
   */
  int settle(@Nullable String id, boolean retry) throws BrokerException;
}

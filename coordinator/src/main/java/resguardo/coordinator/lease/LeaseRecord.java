package resguardo.coordinator.lease;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import resguardo.core.Peer;
import resguardo.core.Registration;
import resguardo.core.ReplyId;

/**
 * What {@code lease/coordinator.json} holds. Each is written over the one before, on the condition
 * that it is still there.
 *
 * @param holder who leads
 * @param token of the process that leads: two may have the same name
 * @param epoch 1 for the first that ever led, one more each time that another takes over
 * @param taken when the holder took over, by its own clock; for people
 * @param beat one more with each writing, so that no two are the same
 * @param released whether the holder has ended in order: then nobody has to wait
 * @param pending a registration that the holder is about to write: whoever takes over writes it, if
 *     the holder did not. Absent: none
 */
public record LeaseRecord(
    Peer holder,
    ReplyId token,
    long epoch,
    Instant taken,
    long beat,
    boolean released,
    @Nullable Registration pending) {
  public LeaseRecord {
    if (epoch < 1 || beat < 0) {
      throw new IllegalArgumentException("no such epoch or beat: " + epoch + ", " + beat);
    }
  }

  LeaseRecord next(@Nullable Registration about) {
    return new LeaseRecord(holder, token, epoch, taken, beat + 1, false, about);
  }

  LeaseRecord ended() {
    return new LeaseRecord(holder, token, epoch, taken, beat + 1, true, pending);
  }

  boolean isOf(LeaseRecord other) {
    return token.equals(other.token) && epoch == other.epoch;
  }
}

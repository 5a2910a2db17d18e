package resguardo.core.retention;

import java.util.List;
import resguardo.core.Serial;

/**
 * Where the next page of a {@link RetentionPlan} begins.
 *
 * @param before only versions before this one
 * @param keeping what is known of those that came
 * @param leaned names of the archives that the oldest of them that is kept leans on
 */
public record PlanCursor(Serial before, Keeping.State keeping, List<String> leaned) {
  public PlanCursor {
    leaned = List.copyOf(leaned);
  }
}

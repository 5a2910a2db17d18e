package resguardo.coordinator;

import java.io.IOException;
import java.util.Optional;
import resguardo.core.Registration;
import resguardo.core.RetentionPolicy;
import resguardo.core.catalog.DamagedException;
import resguardo.core.catalog.Registry;
import resguardo.core.protocol.Answer;
import resguardo.core.protocol.Command;
import resguardo.core.retention.RetentionPlan;

/**
 * Shows what a policy of retention would do. It knows nothing that is not in the bucket, and
 * changes nothing; between two pages it remembers nothing.
 */
final class RetentionDesk {
  /** Each is one short object to be read, several at once: a second at the most for all. */
  private static final int A_PAGE = 200;

  private final CoordinatorContext context;

  RetentionDesk(CoordinatorContext context) {
    this.context = context;
  }

  /** A page of versions. */
  Answer plan(Command.PlanRetention asked) throws IOException {
    Optional<Registration> registration = new Registry(context.store()).find(asked.key());
    Optional<RetentionPolicy> policy =
        Optional.ofNullable(asked.policy())
            .or(() -> registration.flatMap(Registration::retentionNow));
    if (policy.isEmpty()) {
      return new Answer.Refused(
          Answer.Refused.Reason.NOT_FOUND,
          asked.key() + " has no policy of retention now: all its versions are kept",
          "Give --keep-last, --keep-daily… to see what such a policy would do.");
    }
    try {
      RetentionPlan.Page page =
          new RetentionPlan(
                  context.store(),
                  context.platform(),
                  asked.key(),
                  policy.get(),
                  context.clock().instant())
              .page(asked.after(), A_PAGE);
      return new Answer.RetentionPlanned(
          policy.get(), page.versions().stream().map(Answer.PlanLine::of).toList(), page.next());
    } catch (DamagedException damaged) {
      return new Answer.Refused(
          Answer.Refused.Reason.FAILED,
          "nothing is expired here, as something is damaged: " + damaged.getMessage(),
          "admin verify says what can be restored.");
    }
  }
}

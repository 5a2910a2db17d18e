package resguardo.admin;

import picocli.CommandLine.Parameters;
import resguardo.core.OperatorName;
import resguardo.core.Role;
import resguardo.infra.rabbit.RoleUser;

/** Of which role, and of which of its processes. */
final class WhichRole {
  @Parameters(
      index = "0",
      paramLabel = "ROLE",
      description = "coordinator, fetch-worker or retention.")
  @SuppressWarnings("NullAway.Init") // set by the command line
  private String role;

  @Parameters(
      index = "1",
      paramLabel = "NAME",
      description = "Whose processes log in as it: their names begin so. a-z, 0-9 and -.")
  @SuppressWarnings("NullAway.Init") // set by the command line
  private OperatorName name;

  /**
   * The user.
   *
   * @throws AdminException when no process of the role has one
   */
  RoleUser user(String doing) throws AdminException {
    try {
      return new RoleUser(Role.parse(role), name);
    } catch (IllegalArgumentException e) {
      throw new AdminException(
          ExitCode.USAGE,
          "Failed to " + doing + ": the role is " + role + ".",
          "It is one of " + RoleUser.ROLES + ".");
    }
  }

  @Override
  public String toString() {
    return role + " " + name;
  }
}

package resguardo.admin;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import resguardo.infra.rabbit.BrokerUser;
import resguardo.infra.rabbit.BrokerUsers;
import resguardo.infra.rabbit.NodeUser;
import resguardo.infra.runtime.Environment;
import resguardo.infra.runtime.SecretFile;

/**
 * The one file that the programs of a user are given: where the broker is, and who they are there.
 */
final class UserSettings {
  @Option(
      names = "--broker",
      paramLabel = "URI",
      split = ",",
      description =
          "Where its programs find the broker, as amqps://host:5671/%%2f; several of a cluster with commas between them. Default: as"
              + " $$RESGUARDO_AMQP_URI says, with a user of its own.")
  private List<String> brokers = List.of();

  @Option(
      names = "--save-to-file",
      paramLabel = "FILE",
      description = "Where to write it, for nobody but you to read. Default: it is printed.")
  private @Nullable Path file;

  /**
   * Looks whether it could be given, before anything is made that would be lost.
   *
   * @throws AdminException when it could not
   */
  void check(BrokerUser user, Session session, String doing) throws AdminException {
    text(user, "x", session, doing);
    if (file != null && !Files.isDirectory(SecretFile.folder(file))) {
      throw cannotWrite(doing, file, "its folder is not there");
    }
  }

  /** Prints or saves it. */
  void give(BrokerUser user, String password, Session session, PrintWriter out, String doing)
      throws AdminException {
    String text = text(user, password, session, doing);
    if (file == null) {
      out.print(text);
      out.flush();
      return;
    }
    try {
      SecretFile.write(file, text);
    } catch (IOException e) {
      throw cannotWrite(doing, file, String.valueOf(e));
    }
    out.println("saved: " + file + "; give it to " + user.program() + " with --config");
  }

  private static AdminException cannotWrite(String doing, Path file, String why) {
    return new AdminException(
        ExitCode.FAILED,
        "Failed to " + doing + ": " + file + " cannot be written: " + why + ".",
        "With another file: rotate gives a new password.");
  }

  private String text(BrokerUser user, String password, Session session, String doing)
      throws AdminException {
    try {
      String addresses =
          (brokers.isEmpty() ? session.addresses() : brokers)
              .stream()
                  .map(uri -> BrokerUsers.addressFor(user, password, uri))
                  .collect(Collectors.joining(","));
      StringBuilder text = new StringBuilder();
      text.append("# Settings of ").append(user.name()).append(", for nobody else to read: ");
      text.append(user.program()).append(" --config FILE\n");
      if (user instanceof NodeUser ofNode) {
        text.append(Environment.NODE).append('=').append(ofNode.node()).append('\n');
      }
      return text.append(Environment.AMQP_URI)
          .append('=')
          .append(addresses)
          .append('\n')
          .toString();
    } catch (IllegalArgumentException e) {
      throw new AdminException(
          ExitCode.USAGE,
          "Failed to " + doing + ": " + e.getMessage() + ".",
          "Look at --broker and RESGUARDO_AMQP_URI.");
    }
  }
}

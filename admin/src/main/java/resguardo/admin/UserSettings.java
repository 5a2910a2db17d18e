package resguardo.admin;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import resguardo.infra.rabbit.BrokerUser;
import resguardo.infra.rabbit.BrokerUsers;
import resguardo.infra.rabbit.NodeUser;
import resguardo.infra.runtime.Environment;

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
    if (file != null && !Files.isDirectory(folder(file))) {
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
      save(text, file);
    } catch (IOException e) {
      throw cannotWrite(doing, file, String.valueOf(e));
    }
    out.println("saved: " + file + "; give it to " + user.program() + " with --config");
  }

  /** Nobody else may read it at any time, and what is half written holds the password too. */
  private static void save(String text, Path file) throws IOException {
    Path partial =
        Files.createTempFile(
            folder(file),
            "." + file.getFileName(),
            ".partial",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      Files.write(partial, text.getBytes(StandardCharsets.UTF_8));
      Files.move(
          partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  private static Path folder(Path of) {
    return Optional.ofNullable(of.toAbsolutePath().getParent()).orElse(Path.of("/"));
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

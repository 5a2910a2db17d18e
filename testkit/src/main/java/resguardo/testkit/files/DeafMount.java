package resguardo.testkit.files;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A file system whose server leaves some calls without an answer, as that of a server which is gone
 * does, or of a user who means harm: {@code deaf.py} beside this class. Closing it has those calls
 * fail that still wait.
 */
public final class DeafMount implements AutoCloseable {
  private final Path folder;
  private final Process server;
  private final BufferedReader said;

  /** What is never answered. */
  public enum To {
    /** The content of the file {@code f} that is in it. */
    READ,
    /** All that is to be made in it. */
    WRITE
  }

  private DeafMount(Path folder, Process server) {
    this.folder = folder;
    this.server = server;
    this.said = server.inputReader(StandardCharsets.UTF_8);
  }

  /**
   * Mounts it.
   *
   * @param folder which is there
   * @return empty: this machine does not let this user
   */
  public static Optional<DeafMount> at(Path folder, To deaf) throws IOException {
    Path script = Files.createTempFile("deaf", ".py");
    try (InputStream in =
        Objects.requireNonNull(DeafMount.class.getResourceAsStream("deaf.py"), "deaf.py")) {
      Files.write(script, in.readAllBytes());
    }
    String how = deaf == To.READ ? "read" : "write";
    Process server =
        new ProcessBuilder("python3", script.toString(), folder.toString(), how)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    DeafMount mount = new DeafMount(folder, server);
    boolean mounted = "mounted".equals(mount.said.readLine());
    Files.delete(script);
    return mounted ? Optional.of(mount) : Optional.empty();
  }

  /** Waits until somebody has called for what is not answered. */
  public void awaitCall() throws IOException {
    if (said.readLine() == null) {
      throw new IOException("it has ended");
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    server.destroyForcibly().waitFor(1, TimeUnit.MINUTES);
    new ProcessBuilder("umount", "--lazy", folder.toString()).start().waitFor();
  }
}

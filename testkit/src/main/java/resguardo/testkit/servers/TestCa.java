package resguardo.testkit.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * An authority for tests. It vouches for a {@code server} called localhost, for one called {@code
 * elsewhere}, and for a {@code client}; for each there are {@code <name>.pem} and {@code
 * <name>.key}.
 */
public final class TestCa {
  private final Path folder;

  /** Makes one in a folder, which may not be there yet. */
  public TestCa(Path folder) {
    this.folder = folder;
    renew();
  }

  /** Makes all certificates anew, of the same authority. */
  public void renew() {
    try {
      Process process =
          new ProcessBuilder(RealServer.scripts().resolve("test-ca").toString(), folder.toString())
              .redirectErrorStream(true)
              .start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException(said);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The certificate of this name; {@code ca} is the authority's own. */
  public Path certificate(String name) {
    return folder.resolve(name + ".pem");
  }

  /** The key of this name. */
  public Path key(String name) {
    return folder.resolve(name + ".key");
  }

  /** Lays what a server of this name needs into a folder, as {@code ca} and {@code server}. */
  void give(String name, Path server) {
    try {
      Files.createDirectories(server);
      copy(certificate("ca"), server.resolve("ca.pem"));
      copy(certificate(name), server.resolve("server.pem"));
      copy(key(name), server.resolve("server.key"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
  }
}

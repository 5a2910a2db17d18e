package resguardo.infra.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A folder for what others on this machine may not read: archives hold what only root may read
 * where it comes from. Nobody but its owner gets into it, so what lies in it needs no rights of its
 * own.
 */
public final class PrivateFolder {
  private PrivateFolder() {}

  /**
   * Makes it for its owner alone (rwx------), with those above it that are missing. One that is
   * there stays as it is, be it a link to a folder.
   */
  public static Path made(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    return folder;
  }
}

package resguardo.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {
  @TempDir Path parent;

  @Test
  void whatAKilledWorkerLeftIsClearedAndWhatALivingOneHasStays() throws Exception {
    Process gone = new ProcessBuilder("true").start();
    gone.waitFor();
    Path left = Files.createDirectory(parent.resolve("resguardo-worker-" + gone.pid() + "-1"));
    Files.writeString(left.resolve("manifest1.gz"), "x");
    Path foreign = Files.createDirectory(parent.resolve("resguardo-worker-notes"));
    try (Spool mine = Spool.open(parent)) {
      assertFalse(Files.exists(left));
      assertTrue(Files.exists(foreign));
      try (Spool other = Spool.open(parent)) {
        assertTrue(Files.exists(mine.folder()));
        assertTrue(Files.exists(other.folder()));
      }
      assertTrue(Files.exists(mine.folder()));
    }
    assertTrue(Files.exists(foreign));
  }

  @Test
  void whatALinkLeadsToOrAnotherUserHasIsNotCleared() throws Exception {
    Process gone = new ProcessBuilder("true").start();
    gone.waitFor();
    String dead = "resguardo-worker-" + gone.pid();
    Path elsewhere = Files.createDirectory(parent.resolve("elsewhere"));
    Files.writeString(elsewhere.resolve("precious"), "x");
    Path link = Files.createSymbolicLink(parent.resolve(dead + "-1"), elsewhere);
    Path theirs = Files.createDirectory(parent.resolve(dead + "-2"));
    Files.writeString(theirs.resolve("precious"), "x");
    boolean root = Files.getAttribute(theirs, "unix:uid").equals(0);
    if (root) {
      Files.setAttribute(theirs, "unix:uid", 12345);
    }
    Spool.open(parent).close();
    assertTrue(Files.exists(elsewhere.resolve("precious")));
    assertTrue(Files.isSymbolicLink(link));
    assertEquals(root, Files.exists(theirs.resolve("precious")));
  }
}

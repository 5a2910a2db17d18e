package resguardo.site;

import java.io.IOException;
import java.nio.file.Path;

/** Writes the site: {@code Main PROJECT TARGET}. */
public final class Main {
  private Main() {}

  /** Ends with 1 where a file cannot be read or written, or the contents name none. */
  public static void main(String[] args) {
    if (args.length != 2) {
      System.err.println("Usage: Main PROJECT TARGET");
      System.exit(2);
    }
    try {
      int pages = Site.of(Path.of(args[0])).write(Path.of(args[1]));
      System.out.println(Path.of(args[1], "index.html") + ": " + pages + " pages");
    } catch (IOException | IllegalArgumentException e) {
      System.err.println("Failed to write the site: " + e.getMessage());
      System.exit(1);
    }
  }
}

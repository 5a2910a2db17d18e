package resguardo.core.port;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where something was asked for or done, as programs say it of themselves. */
public final class Origin {
  private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");
  private static final String UNKNOWN = "?";

  private Origin() {}

  /** The account that this process runs in and its host: {@code account@host}. */
  public static String here() {
    return of(System.getProperty("user.name", UNKNOWN));
  }

  /** Somebody whom this process acts for, and its host. */
  public static String of(String account) {
    return account + "@" + host();
  }

  /** By the kernel's word: asking for an address could take seconds. */
  private static String host() {
    try {
      return Files.readString(HOST_NAME).strip();
    } catch (IOException noLinux) {
      return UNKNOWN;
    }
  }
}

package resguardo.infra.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which build of the programs this is, as the build wrote it down. */
public final class ProgramVersion {
  private static final Logger LOG = LoggerFactory.getLogger(ProgramVersion.class);
  private static final String UNKNOWN = "unknown";

  private ProgramVersion() {}

  /**
   * Its version, and the commit that it was built of where the build was told: {@code 1.2+0a1b2c}.
   */
  public static String text() {
    Properties known = new Properties();
    try (InputStream in = ProgramVersion.class.getResourceAsStream("program.properties")) {
      if (in != null) {
        known.load(in);
      }
    } catch (IOException e) {
      LOG.debug("which build this is cannot be read", e);
    }
    String commit = known.getProperty("commit", "").strip();
    String version = known.getProperty("version", UNKNOWN).strip();
    return commit.isEmpty() ? version : version + "+" + commit;
  }
}

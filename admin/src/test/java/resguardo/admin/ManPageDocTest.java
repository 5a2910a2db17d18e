package resguardo.admin;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import resguardo.testkit.docs.ManPages;

/** The manual pages of this program say what it says of itself: see {@link ManPages}. */
class ManPageDocTest {
  @Test
  void thePagesAreThoseOfTheCommands() throws IOException {
    ManPages.hold(Main.commandLine());
  }
}

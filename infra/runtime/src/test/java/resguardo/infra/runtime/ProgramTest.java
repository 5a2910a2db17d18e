package resguardo.infra.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Command;

class ProgramTest {
  @Command(name = "thing")
  record Thing(Callable<Integer> body) implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
      return body.call();
    }
  }

  @Test
  void aWrongSettingIsUsageAndAFileThatCannotBeReadIsAFailure() {
    assertEquals(0, Program.run(new Thing(() -> 0), new String[0]));
    assertEquals(
        2,
        Program.run(
            new Thing(
                () -> {
                  throw new IllegalArgumentException("there is no store: set RESGUARDO_STORE");
                }),
            new String[0]));
    assertEquals(
        1,
        Program.run(
            new Thing(
                () -> {
                  throw new IOException("the port is taken");
                }),
            new String[0]));
  }
}

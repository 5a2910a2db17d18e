package resguardo.infra.runtime;

import java.io.IOException;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a process answers about its health, as options of its program. */
public final class HealthOptions {
  @Option(
      names = "--port",
      description =
          "Serve /healthz and /metrics at this port; 0 takes a free one. Default: neither.")
  private @Nullable Integer port;

  @Option(
      names = "--listen",
      description = "Address for --port. Default: ${DEFAULT-VALUE}.",
      defaultValue = "127.0.0.1")
  private String listen = "127.0.0.1";

  /** Whether it is to answer. */
  public boolean isAsked() {
    return port != null;
  }

  /** Has the process answer, where it is to. What it needs is to be added before. */
  public void answer(RunningProcess process) throws IOException {
    if (port != null) {
      process.answerHealth(InetAddress.getByName(listen), port);
    }
  }
}

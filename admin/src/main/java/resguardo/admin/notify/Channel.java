package resguardo.admin.notify;

import java.io.IOException;

/** A way to tell somebody. */
public interface Channel {
  /** Its name in the configuration: what was told over it is remembered under this. */
  String name();

  /**
   * Tells.
   *
   * @throws IOException when nobody took it: it is told again later, with what is new by then
   */
  void send(Notice notice) throws IOException, InterruptedException;
}

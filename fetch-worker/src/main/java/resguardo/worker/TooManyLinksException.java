package resguardo.worker;

import java.io.IOException;

/**
 * What is asked for cannot be taken out of its version: see {@link LinkRoom}. A repeat would end
 * the same; all of the version, or a part that has the files themselves, can be had.
 */
final class TooManyLinksException extends IOException {
  private static final long serialVersionUID = 1;

  TooManyLinksException() {
    super(
        "what was asked for has other names (hard links) of more files outside of it than a worker"
            + " has memory for, which is "
            + LinkRoom.MOST / (1024 * 1024)
            + " MiB of their names; ask for a folder that has those files too, or for the whole"
            + " version");
  }
}

package resguardo.archive;

import java.io.IOException;

/**
 * Where the bytes of an archive go. Its errors belong to the receiving side: never to the source
 * that is read.
 */
@FunctionalInterface
public interface ArchiveSink {
  /**
   * Takes the next bytes; called in order, on the thread that writes the archive.
   *
   * @param bytes belong to the sink from now on
   */
  void accept(byte[] bytes) throws IOException, InterruptedException;
}

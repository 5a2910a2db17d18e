package resguardo.infra.store;

import java.io.FileNotFoundException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/**
 * A file that always says that it is to be sent from its beginning. The client of minio (9.0.4)
 * reads a file for its checksum, and then takes where that reading ended as the place from which to
 * send.
 */
final class FileFromStart extends RandomAccessFile {
  FileFromStart(Path file) throws FileNotFoundException {
    super(file.toFile(), "r");
  }

  @Override
  public long getFilePointer() {
    return 0;
  }
}

package resguardo.archive;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import resguardo.core.RawPath;
import resguardo.core.version.Entry;

/**
 * A program that restores 3000 entries of folders whose names are 96 MB together; to be run with
 * little memory. An archive may say the same folder again: so the disk has less to do.
 */
final class LongFolders {
  static final int TIMES = 12;
  static final String NAME = "n".repeat(255);
  static final int DEEP = 250;
  static final int MODE = 0751;
  static final long TIME = 1_500_000_000;

  private LongFolders() {}

  private static InputStream folder(int depth) {
    String name = String.join("/", Collections.nCopies(depth, NAME));
    return new ByteArrayInputStream(
        TarHeaders.of(
            new Entry(
                RawPath.parse(name),
                Entry.Type.FOLDER,
                MODE,
                0,
                0,
                null,
                null,
                TIME + depth,
                0,
                0,
                null,
                null,
                null,
                null)));
  }

  /** Takes the folder to restore to. */
  public static void main(String[] args) throws Exception {
    Stream<InputStream> all =
        IntStream.range(0, TIMES * DEEP).mapToObj(number -> folder(1 + number % DEEP));
    Iterator<InputStream> parts =
        Stream.concat(all, Stream.of(new ByteArrayInputStream(new byte[1024]))).iterator();
    Enumeration<InputStream> each =
        new Enumeration<>() {
          @Override
          public boolean hasMoreElements() {
            return parts.hasNext();
          }

          @Override
          public InputStream nextElement() {
            return parts.next();
          }
        };
    List<String> told = new ArrayList<>();
    new Extractor(Path.of(args[0]), false, told::add).run(new SequenceInputStream(each));
    System.out.print(told);
  }
}

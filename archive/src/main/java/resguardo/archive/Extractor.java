package resguardo.archive;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import resguardo.core.RawPath;
import resguardo.core.version.Extent;

/**
 * Restores a tar into a folder, and nothing outside of it: names that lead out are refused, no link
 * is followed, and links are made last, so that nothing can be written through them. For one
 * thread.
 */
public final class Extractor {
  private static final int BUFFER = 128 * 1024;

  private static final OpenOption[] NEW_FILE = {
    StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS
  };

  private final Path target;
  private final Consumer<String> warnings;
  private final boolean owners;
  private final Set<Path> folders = new HashSet<>();
  private final Deque<TarReader.Item> folderItems = new ArrayDeque<>();
  private final List<TarReader.Item> links = new ArrayList<>();
  private final byte[] buffer = new byte[BUFFER];
  private long files;
  private long bytes;

  /**
   * @param target a folder that is there
   * @param owners whether owners are set, which only root may
   * @param warnings told what could not be restored, in words
   */
  public Extractor(Path target, boolean owners, Consumer<String> warnings) throws IOException {
    this.target = target.toRealPath();
    this.owners = owners;
    this.warnings = warnings;
    folders.add(this.target);
  }

  /** What was restored. */
  public record Restored(long files, long bytes) {}

  /**
   * Restores all there is.
   *
   * @param tar not compressed; read to its end
   * @throws IOException when the archive cannot be read, leads out of the target, or cannot be
   *     written; what was restored until then stays
   */
  public Restored run(InputStream tar) throws IOException {
    TarReader reader = new TarReader(tar);
    for (Optional<TarReader.Item> item = reader.next(); item.isPresent(); item = reader.next()) {
      restore(item.get(), reader);
    }
    for (TarReader.Item link : links) {
      link(link);
    }
    while (!folderItems.isEmpty()) {
      TarReader.Item folder = folderItems.pop(); // what is in it comes first
      finish(path(folder.name()), folder);
    }
    tar.transferTo(OutputStream.nullOutputStream());
    return new Restored(files, bytes);
  }

  private void restore(TarReader.Item item, TarReader reader) throws IOException {
    switch (item.type()) {
      case '0' -> file(item, reader);
      case '5' -> {
        folder(path(item.name()));
        folderItems.push(item);
      }
      case '1', '2' -> links.add(item);
      default -> special(item);
    }
  }

  /** Where an entry goes. The folder above it is there, and is no link. */
  private Path path(RawPath name) throws IOException {
    if (name.length() > 0 && name.bytes()[0] == '/') {
      throw new IOException("an entry with an absolute name: " + name);
    }
    Path path = target;
    for (RawPath component : name.components()) {
      folder(path);
      String text = component.text();
      if (text.equals("..")) {
        throw new IOException("an entry that leads out of the target: " + name);
      }
      path = text.equals(".") || component.length() == 0 ? path : RawPaths.below(path, component);
    }
    if (!path.startsWith(target)) {
      throw new IOException("an entry that leads out of the target: " + name);
    }
    return path;
  }

  private void folder(Path path) throws IOException {
    if (folders.contains(path)) {
      return;
    }
    try {
      Files.createDirectory(path);
    } catch (FileAlreadyExistsException there) {
      if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        throw new IOException(path + " is in the way: it is no folder", there);
      }
    }
    folders.add(path);
  }

  private void file(TarReader.Item item, TarReader reader) throws IOException {
    Path path = path(item.name());
    makeRoom(path);
    if (item.data() == null) {
      try (OutputStream out = Files.newOutputStream(path, NEW_FILE)) {
        for (int read = reader.read(buffer); read >= 0; read = reader.read(buffer)) {
          out.write(buffer, 0, read);
          bytes += read;
        }
      }
    } else {
      sparse(path, item.data(), item.size(), reader);
    }
    files++;
    finish(path, item);
  }

  /** Holes are passed over: nothing is written where they are. */
  private void sparse(Path path, List<Extent> data, long size, TarReader reader)
      throws IOException {
    try (FileChannel out = FileChannel.open(path, NEW_FILE)) {
      for (Extent part : data) {
        out.position(part.offset());
        for (long left = part.length(); left > 0; ) {
          int read = reader.read(buffer, left);
          ByteBuffer written = ByteBuffer.wrap(buffer, 0, read);
          while (written.hasRemaining()) {
            out.write(written);
          }
          left -= read;
          bytes += read;
        }
      }
    }
    if (LinuxFiles.truncate(LinuxFiles.path(path), size) != 0) {
      throw new IOException(path + " cannot have " + size + " bytes: " + LinuxFiles.lastError());
    }
  }

  private void special(TarReader.Item item) throws IOException {
    Path path = path(item.name());
    makeRoom(path);
    try {
      SpecialFiles.make(path, item.type(), item.device());
    } catch (IOException e) {
      warnings.accept(item.name() + " is a special file, and was not made: " + e.getMessage());
      return;
    }
    finish(path, item);
  }

  /** What is there gives way, unless it is a folder. */
  private void makeRoom(Path path) throws IOException {
    if (folders.contains(path) || Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(path + " is in the way: it is a folder");
    }
    Files.deleteIfExists(path);
  }

  private void link(TarReader.Item item) throws IOException {
    Path path = path(item.name());
    makeRoom(path);
    if (item.type() == '2') {
      Files.createSymbolicLink(path, RawPaths.target(item.link()));
      finish(path, item);
      return;
    }
    Path existing = path(item.link());
    if (!Files.exists(existing, LinkOption.NOFOLLOW_LINKS)
        || Files.isDirectory(existing, LinkOption.NOFOLLOW_LINKS)) {
      warnings.accept(item.name() + " is another name of " + item.link() + ", which is not there");
      return;
    }
    try {
      Files.createLink(path, existing);
    } catch (NoSuchFileException e) {
      warnings.accept(item.name() + " could not be linked: " + e);
    }
  }

  private void finish(Path path, TarReader.Item item) throws IOException {
    if (owners) {
      Files.setAttribute(path, "unix:uid", (int) item.uid(), LinkOption.NOFOLLOW_LINKS);
      Files.setAttribute(path, "unix:gid", (int) item.gid(), LinkOption.NOFOLLOW_LINKS);
    }
    if (item.type() != '2') {
      Files.setAttribute(path, "unix:mode", item.mode());
    }
    attributes(path, item); // a change of the owner would take capabilities away
    try {
      FileTimes.set(path, item.mtimeSeconds(), item.mtimeNanos());
    } catch (IOException e) {
      warnings.accept(item.name() + " has another time: " + e.getMessage());
    }
  }

  private void attributes(Path path, TarReader.Item item) {
    List<String> failed = new ArrayList<>();
    item.attributes()
        .forEach(
            (name, value) -> {
              try {
                ExtendedAttributes.set(path, name, value);
              } catch (IOException e) {
                failed.add(String.valueOf(e.getMessage()));
              }
            });
    if (!failed.isEmpty()) {
      warnings.accept(item.name() + " lacks attributes: " + String.join(", ", failed));
    }
  }
}

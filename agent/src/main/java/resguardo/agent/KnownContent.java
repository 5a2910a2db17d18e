package resguardo.agent;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import resguardo.agent.cache.ContentIndex;
import resguardo.archive.ArchiveWriter;
import resguardo.core.Sha256;
import resguardo.core.version.Chunk;
import resguardo.core.version.ChunkIndex;
import resguardo.core.version.Placed;

/** The content that the base has already, so that it need not go into the archive. */
final class KnownContent implements AutoCloseable {
  private final boolean hasBase;
  private final ContentIndex contents;

  /**
   * @param cache the file of the base's lines, where content is looked for; absent: nowhere
   * @param sign told while they are looked through
   */
  KnownContent(boolean hasBase, @Nullable Path cache, ContentIndex.Sign sign) {
    this.hasBase = hasBase;
    this.contents = new ContentIndex(cache, sign);
  }

  /**
   * An entry of the base with this content; absent when none is known.
   *
   * @param before the base's entry of the same name; absent: it has none
   */
  @Nullable Placed file(Sha256 digest, @Nullable Placed before) throws IOException {
    if (!hasBase) {
      return null;
    }
    if (before != null) {
      boolean untouched = digest.equals(before.entry().digest()) && !before.place().isNone();
      return untouched ? before : null;
    }
    return contents.file(digest).orElse(null);
  }

  /**
   * The chunks that a file may have in common with the base.
   *
   * @param before the base's entry of the same name; absent: it has none
   */
  ArchiveWriter.KnownChunks chunks(@Nullable Placed before) {
    ChunkIndex own = new ChunkIndex(before == null ? List.of() : before.place().chunks());
    return digest -> {
      Chunk found = own.find(digest);
      if (found == null && before == null && hasBase) {
        found = contents.chunk(digest);
      }
      return found;
    };
  }

  @Override
  public void close() throws IOException {
    contents.close();
  }
}

package resguardo.agent.cache;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.core.Sha256;
import resguardo.core.protocol.MalformedMessageException;
import resguardo.core.version.Chunk;
import resguardo.core.version.Entry;
import resguardo.core.version.EntryCodec;
import resguardo.core.version.Placed;

/**
 * Finds content of the base by its digest, for files that were renamed or copied. Made only when it
 * is needed, and no larger than memory allows: what it does not know is sent again.
 */
public final class ContentIndex {
  /** Files and chunks of a base that are known by content: some 50 MiB of memory. */
  private static final int MOST = 200_000;

  private final @Nullable Path cache;
  private @Nullable Map<Sha256, Placed> files;
  private @Nullable Map<Sha256, Chunk> chunks;

  /**
   * @param cache of the base; absent: there is none, and nothing is found
   */
  public ContentIndex(@Nullable Path cache) {
    this.cache = cache;
  }

  /** A file of the base with this content. */
  public Optional<Placed> file(Sha256 digest) throws IOException {
    load();
    return files == null ? Optional.empty() : Optional.ofNullable(files.get(digest));
  }

  /** A chunk of the base with this content; absent when there is none. */
  public @Nullable Chunk chunk(Sha256 digest) throws IOException {
    load();
    return chunks == null ? null : chunks.get(digest);
  }

  private void load() throws IOException {
    if (files != null || cache == null) {
      return;
    }
    Map<Sha256, Placed> byFile = new HashMap<>();
    Map<Sha256, Chunk> byChunk = new HashMap<>();
    try (LineCacheReader lines = new LineCacheReader(cache)) {
      for (Optional<CachedLine> line = lines.peek();
          line.isPresent() && byFile.size() + byChunk.size() < MOST;
          line = lines.peek()) {
        add(EntryCodec.read(line.get().line()), byFile, byChunk);
        lines.advance();
      }
    } catch (MalformedMessageException e) {
      throw new LineCacheReader.DamagedCacheException(String.valueOf(e.getMessage()));
    }
    files = byFile;
    chunks = byChunk;
  }

  private static void add(Placed placed, Map<Sha256, Placed> byFile, Map<Sha256, Chunk> byChunk) {
    Entry entry = placed.entry();
    if (entry.digest() == null || entry.size() == 0 || placed.place().isNone()) {
      return;
    }
    if (placed.place().chunks().isEmpty()) {
      byFile.putIfAbsent(entry.digest(), placed);
    } else {
      placed.place().chunks().forEach(chunk -> byChunk.putIfAbsent(chunk.digest(), chunk));
    }
  }
}

package resguardo.core.version;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where an entry's bytes lie.
 *
 * @param block where its tar header lies, as it would be written now; after it, for a file that is
 *     not cut into chunks, the content, filled up to a multiple of 512 bytes. Absent: the header is
 *     written anew when the version is composed
 * @param content where its content lies, when there is no {@code block} that has it
 * @param chunks its content in pieces, in order, when it is a large file
 */
@JsonPropertyOrder({"b", "c", "k"})
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Place(
    @JsonProperty("b") @Nullable Piece block,
    @JsonProperty("c") @Nullable Piece content,
    @JsonProperty("k") List<Chunk> chunks) {
  /** Of what has no bytes in any archive. */
  public static final Place NONE = new Place(null, null, List.of());

  @SuppressWarnings("NullAway") // Jackson gives null where the list is left out
  public Place {
    chunks = chunks == null ? List.of() : ChunkTable.copyOf(chunks);
  }

  /** Whether nothing of it lies anywhere. */
  @JsonIgnore
  public boolean isNone() {
    return block == null && content == null && chunks.isEmpty();
  }

  /** All members that it needs. */
  public Stream<Piece> pieces() {
    return Stream.of(
            Stream.ofNullable(block), Stream.ofNullable(content), chunks.stream().map(Chunk::piece))
        .flatMap(s -> s);
  }
}

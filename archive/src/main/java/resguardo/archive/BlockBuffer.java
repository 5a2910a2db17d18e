package resguardo.archive;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Gathers headers and small files into blocks, each of which becomes a member. */
final class BlockBuffer {
  /**
   * Small enough that one file is read by inflating little more than it, large enough to compress
   * well (within 0.2 %).
   */
  static final int BLOCK = 256 * 1024;

  /** Told where a block lies, once that is known. */
  interface Told {
    void at(long offset, int length, int raw) throws IOException, InterruptedException;
  }

  private final MemberQueue members;
  private List<Told> given = new ArrayList<>();
  private byte[] block = new byte[BLOCK];
  private int filled;

  BlockBuffer(MemberQueue members) {
    this.members = members;
  }

  /**
   * Adds what belongs together: it lies in one block.
   *
   * @return where it begins in its block
   */
  int add(byte[] header, byte[] content, int length) throws IOException, InterruptedException {
    int padding = TarHeaders.padding(length);
    int whole = header.length + length + padding;
    if (filled > 0 && filled + whole > BLOCK) {
      cut();
    }
    if (filled + whole > block.length) {
      block = Arrays.copyOf(block, filled + whole);
    }
    int start = filled;
    System.arraycopy(header, 0, block, filled, header.length);
    System.arraycopy(content, 0, block, filled + header.length, length);
    filled += whole; // the padding is zero already
    return start;
  }

  /** Asks to be told where the block that was just added to lies. */
  void whenGiven(Told told) {
    given.add(told);
  }

  /** Ends the block. */
  void cut() throws IOException, InterruptedException {
    if (filled == 0) {
      return;
    }
    byte[] full = block;
    int length = filled;
    List<Told> told = given;
    block = new byte[BLOCK];
    filled = 0;
    given = new ArrayList<>();
    members.compress(
        full,
        length,
        (offset, memberLength) -> {
          for (Told one : told) {
            one.at(offset, memberLength, length);
          }
        });
  }
}

package resguardo.core.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BlockPipeTest {
  private final BlockPipe pipe = new BlockPipe(2);

  private CompletableFuture<Void> puts(byte[]... blocks) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            for (byte[] block : blocks) {
              pipe.put(block);
            }
            pipe.end();
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @Test
  void whatIsPutIsReadInItsOrderWhateverTheSizesOfBlocksAndReads() throws Exception {
    byte[] bytes = new byte[100_000];
    new Random(1).nextBytes(bytes);
    byte[][] blocks = new byte[100][];
    for (int i = 0, at = 0; i < blocks.length; i++) {
      int end = i == blocks.length - 1 ? bytes.length : Math.min(bytes.length, at + i * 30);
      blocks[i] = Arrays.copyOfRange(bytes, at, end);
      at = end;
    }
    CompletableFuture<Void> put = puts(blocks);
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    try (InputStream in = pipe.in()) {
      read.write(in.read());
      read.writeBytes(in.readNBytes(1234));
      in.transferTo(read);
      assertThat(in.read()).isEqualTo(-1);
    }
    put.get();
    assertThat(read.toByteArray()).isEqualTo(bytes);
  }

  @Test
  void whatIsWrittenToItIsItsOwnAndEndsWhereItIsClosed() throws Exception {
    byte[] reused = {1, 2, 3};
    try (OutputStream out = pipe.out()) {
      out.write(reused, 1, 2);
      reused[1] = 9;
      out.write(4);
    }
    assertThat(pipe.in().readAllBytes()).isEqualTo(new byte[] {2, 3, 4});
  }

  @Test
  void noMoreBlocksThanThereIsRoomForAreUnderWay() throws Exception {
    CompletableFuture<Void> put = puts(new byte[] {1}, new byte[] {2}, new byte[] {3});
    Thread.sleep(50);
    assertThat(put).isNotDone();
    assertThat(pipe.in().read()).isEqualTo(1);
    put.get();
  }

  @Test
  void whoeverPutsIsToldWhenNobodyReadsAnyMore() throws Exception {
    CompletableFuture<Void> put = puts(new byte[1], new byte[1], new byte[1]);
    pipe.in().close();
    assertThatThrownBy(put::get)
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseMessage("nobody reads it any more");
  }

  @Test
  void aFailureIsToldToTheReaderAfterWhatCameBefore() throws Exception {
    pipe.put(new byte[] {7});
    pipe.fail(new IOException("the wire was cut"));
    InputStream in = pipe.in();
    assertThat(in.read()).isEqualTo(7);
    assertThatThrownBy(in::read).isInstanceOf(IOException.class).hasMessage("the wire was cut");
  }

  @Test
  void aStreamReadAheadGivesItsBytesOrItsFailureAndIsClosed() throws Exception {
    byte[] bytes = new byte[10_000];
    new Random(2).nextBytes(bytes);
    try (InputStream in = BlockPipe.ahead(new ByteArrayInputStream(bytes), 777, 3)) {
      assertThat(in.readAllBytes()).isEqualTo(bytes);
    }
    CompletableFuture<Void> closed = new CompletableFuture<>();
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("a damaged disk");
          }

          @Override
          public void close() {
            closed.complete(null);
          }
        };
    InputStream in = BlockPipe.ahead(broken, 10, 1);
    assertThatThrownBy(in::readAllBytes).hasMessage("a damaged disk");
    await().until(closed::isDone);
  }
}

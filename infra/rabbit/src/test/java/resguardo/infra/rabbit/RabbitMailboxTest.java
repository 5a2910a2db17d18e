package resguardo.infra.rabbit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.port.ChunkKind;
import resguardo.core.port.Reply;
import resguardo.core.port.ReplyChannel;
import resguardo.core.stream.ChunkReceiver;

class RabbitMailboxTest {
  private static final int CAPACITY = 4;

  private static ReplyChannel.Received chunk(long sequence, int bytes) {
    return new ReplyChannel.Received(
        Peer.agent(new NodeName("alpha")),
        new Reply.Chunk(sequence, ChunkKind.ARCHIVE, 0, new byte[bytes]));
  }

  @Test
  void asManyBytesAsItsMessagesAreAskedToHaveLieInIt() throws Exception {
    RabbitMailbox mailbox = new RabbitMailbox(CAPACITY);
    for (int i = 0; i < CAPACITY; i++) {
      mailbox.put(chunk(i, ChunkReceiver.CHUNK_BYTES));
    }
    for (int i = 0; i < 10 * CAPACITY; i++) {
      assertThat(mailbox.receive(Duration.ofSeconds(1))).isPresent();
      mailbox.put(chunk(CAPACITY + i, ChunkReceiver.CHUNK_BYTES));
    }
    assertThat(mailbox.overflowed()).isFalse();
  }

  @Test
  void longerOnesBreakItOffBeforeItsMessagesAreTooMany() throws Exception {
    RabbitMailbox mailbox = new RabbitMailbox(CAPACITY);
    mailbox.put(chunk(0, 2 * ChunkReceiver.CHUNK_BYTES));
    mailbox.put(chunk(1, 2 * ChunkReceiver.CHUNK_BYTES));
    assertThat(mailbox.overflowed()).isFalse();
    mailbox.put(chunk(2, 1));
    assertThat(mailbox.overflowed()).isTrue();
    assertThat(mailbox.receive(Duration.ofSeconds(1))).isEmpty();
  }
}

package resguardo.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import resguardo.core.NodeName;
import resguardo.core.Peer;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.Role;
import resguardo.core.Serial;
import resguardo.core.SourcePath;
import resguardo.core.catalog.AuditRecord;
import resguardo.core.port.Sender;
import resguardo.core.protocol.Command;

class AuditCommandTest {
  private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");
  private static final Peer COORDINATOR = new Peer(Role.COORDINATOR, "one");
  private static final NodeName ALPHA = new NodeName("alpha");
  private static final SourcePath SRV = SourcePath.parse("/srv");

  private static String user(Sender sender) {
    Command asked = new Command.Unregister(ALPHA, SRV, ReplyId.random());
    return AuditCommand.row(AuditRecord.of(NOW, sender, COORDINATOR, asked)).get(1);
  }

  @Test
  void whoeverLeavesOffTheSignatureIsShownByTheProcess() {
    Peer peer = new Peer(Role.ADMIN, "bob-1a2b3c");
    assertThat(user(new Sender("operator.bob", peer, null))).isEqualTo("operator.bob");
    assertThat(user(new Sender(null, peer, "ann@host"))).isEqualTo("bob-1a2b3c (unsigned)");
    assertThat(user(Sender.UNKNOWN)).isEqualTo("-");
  }

  @Test
  void whatIsExpiredIsOfAProcessOfRetention() {
    AuditRecord.Expired gone =
        new AuditRecord.Expired(new RegistrationKey(ALPHA, SRV), List.of(Serial.first()));
    Peer retention = new Peer(Role.RETENTION, "one");
    assertThat(AuditCommand.row(AuditRecord.of(NOW, retention, null, gone, "keep-last 3")).get(1))
        .isEqualTo(retention.toString());
  }
}

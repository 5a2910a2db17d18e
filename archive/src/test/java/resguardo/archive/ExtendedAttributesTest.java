package resguardo.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.RawPath;

class ExtendedAttributesTest {
  @TempDir Path folder;

  private static RawPath name(String text) {
    return RawPath.parse(text);
  }

  @Test
  void whatWasSetIsReadWhateverBytesItsNameAndValueHave() throws Exception {
    Path file = Files.createFile(folder.resolve("f"));
    assertThat(ExtendedAttributes.read(file)).isEqualTo(ExtendedAttributes.Read.NONE);
    ExtendedAttributes.set(file, name("user.a"), new byte[] {0, 10, -1});
    ExtendedAttributes.set(file, name("user.empty"), new byte[0]);
    ExtendedAttributes.set(file, name("%:user.caf%E9"), new byte[] {'x'});
    ExtendedAttributes.Read read = ExtendedAttributes.read(file);
    assertThat(read.complete()).isTrue();
    assertThat(read.values())
        .containsEntry("user.a", "AAr/")
        .containsEntry("user.empty", "")
        .containsEntry("%:user.caf%E9", "eA==")
        .hasSize(3);
  }

  @Test
  void whatATarHeaderHasNoRoomForIsLeftOutAndTold() throws Exception {
    Path file = Files.createFile(folder.resolve("f"));
    for (int i = 0; i < 4; i++) {
      ExtendedAttributes.set(file, name("user." + i), new byte[100]);
    }
    ExtendedAttributes.Read read = ExtendedAttributes.read(file, 250);
    assertThat(read.complete()).isFalse();
    assertThat(read.values()).hasSize(2);
    assertThat(ExtendedAttributes.read(file, 1000).complete()).isTrue();
  }

  @Test
  void aFileThatIsGoneHasNoneAndWhereTheyCannotBeSetIsTold() {
    Path gone = folder.resolve("gone");
    assertThat(ExtendedAttributes.read(gone)).isEqualTo(ExtendedAttributes.Read.NONE);
    assertThat(ExtendedAttributes.read(Path.of("/proc/self/stat")).complete()).isTrue();
    assertThatThrownBy(() -> ExtendedAttributes.set(gone, name("user.a"), new byte[1]))
        .isInstanceOf(IOException.class)
        .hasMessage("user.a could not be set: No such file or directory");
  }

  @Test
  void recordsOfATarHeaderAreReadAsTheyWereWritten() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] value = {0, '=', '\n', 5};
    for (String odd : new String[] {"user.a=b%3Dc%25", "%:user.%E9%0A"}) {
      PaxRecords.addAttribute(out, name(odd), value);
    }
    PaxRecords.addAttribute(out, name(AclText.ACCESS), new byte[] {9}); // no ACL
    PaxRecords records = PaxRecords.parse(out.toByteArray());
    assertThat(records.attributes().keySet())
        .containsExactlyInAnyOrder(
            name("user.a=b%3Dc%25"), name("%:user.%E9%0A"), name(AclText.ACCESS));
    assertThat(records.attributes().get(name("user.a=b%3Dc%25"))).isEqualTo(value);
    assertThat(records.get("SCHILY.xattr.user.a%3Db%253Dc%2525")).isEqualTo(value);
    for (int cut = 1; cut < out.size(); cut++) {
      byte[] bad = Arrays.copyOf(out.toByteArray(), cut);
      if (bad[cut - 1] != '\n' || cut < 40) {
        assertThatThrownBy(() -> PaxRecords.parse(bad)).isInstanceOf(IOException.class);
      }
    }
  }
}

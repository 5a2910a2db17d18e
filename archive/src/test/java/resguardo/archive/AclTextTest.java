package resguardo.archive;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import resguardo.core.RawPath;

/** ACLs as the programs of the system make and show them. */
class AclTextTest {
  @TempDir Path folder;

  private static String run(String... words) throws Exception {
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  private static String shown(Path path) throws Exception {
    return String.join(
        ",", run("getfacl", "-cnpE", path.toString()).lines().filter(l -> !l.isEmpty()).toList());
  }

  private static byte[] attribute(Path path, String name) {
    SortedMap<String, String> all = ExtendedAttributes.read(path).values();
    assertThat(all).containsKey(name);
    return Base64.getDecoder().decode(all.get(name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "u:1000:r",
        "u:0:rwx,g:0:-,m:rx",
        "u:4294967294:w,g:77777:rwx,g:5:x",
        "u:7:-,u:8:r,u:9:w,u:10:x,u:11:rw,u:12:rx,u:13:wx,u:14:rwx,o:-"
      })
  void whatSetfaclMakesIsWrittenAsGetfaclShowsItAndReadBackToTheSameBytes(String acl)
      throws Exception {
    Path file = Files.createFile(folder.resolve("f"));
    run("setfacl", "-m", acl, file.toString());
    byte[] value = attribute(file, AclText.ACCESS);
    String text = AclText.text(value);
    assertThat(text).isEqualTo(shown(file));
    Path other = Files.createFile(folder.resolve("g"));
    ExtendedAttributes.set(
        other, RawPath.parse(AclText.ACCESS), AclText.value(text.getBytes(US_ASCII)));
    assertThat(attribute(other, AclText.ACCESS)).isEqualTo(value);
    assertThat(shown(other)).isEqualTo(shown(file));
  }

  @Test
  void whatAFolderGivesToWhatIsMadeInItIsReadToo() throws Exception {
    run("setfacl", "-d", "-m", "u:1000:rwx", folder.toString());
    assertThat(AclText.text(attribute(folder, AclText.DEFAULT)))
        .startsWith("user::")
        .contains(",user:1000:rwx,");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",",
        "user::rwx,",
        "user::rw",
        "user::rwxx",
        "user:root:rwx",
        "user:-1:rwx",
        "user:4294967296:rwx",
        "mask:5:rwx",
        "nobody::rwx",
        "user:rwx",
        "user::rwx:1"
      })
  void whatIsNoAclIsTold(String text) {
    assertThatThrownBy(() -> AclText.value(text.getBytes(US_ASCII)))
        .isInstanceOf(IOException.class);
  }

  @Test
  void bytesThatAreNoAclHaveNoText() {
    assertThat(AclText.text(new byte[0])).isNull();
    assertThat(AclText.text(new byte[] {2, 0, 0, 0, 1})).isNull();
    assertThat(AclText.text(new byte[] {3, 0, 0, 0})).isNull();
    assertThat(AclText.text(new byte[] {2, 0, 0, 0, 3, 0, 7, 0, 0, 0, 0, 0})).isNull();
    assertThat(AclText.text(new byte[] {2, 0, 0, 0, 1, 0, 8, 0, 0, 0, 0, 0})).isNull();
  }
}

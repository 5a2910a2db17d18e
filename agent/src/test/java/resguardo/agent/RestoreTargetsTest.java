package resguardo.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.NodeName;
import resguardo.core.SourcePath;
import resguardo.core.protocol.RestoreTarget;
import resguardo.core.protocol.StreamMessage.Failed.Kind;

class RestoreTargetsTest {
  @TempDir Path temporary;
  private Path folder;
  private Path allowed;
  private Path outside;

  @BeforeEach
  void begin() throws IOException {
    folder = temporary.toRealPath();
    allowed = Files.createDirectory(folder.resolve("allowed"));
    outside = Files.createDirectory(folder.resolve("outside"));
  }

  private static RestoreTarget to(Path path, boolean overwrite) {
    return new RestoreTarget(new NodeName("alpha"), SourcePath.parse(path.toString()), overwrite);
  }

  private Path prepared(Path path) throws Exception {
    return new RestoreTargets(List.of(allowed)).prepare(to(path, false));
  }

  private void assertRefused(Kind kind, Path path) {
    RestoreTargets.RefusedException refused =
        catchThrowableOfType(RestoreTargets.RefusedException.class, () -> prepared(path));
    assertThat(refused.kind()).isEqualTo(kind);
  }

  @Test
  void aFolderThatIsMissingIsMadeBelowWhatIsAllowed() throws Exception {
    assertThat(prepared(allowed)).isEqualTo(allowed);
    assertThat(prepared(allowed.resolve("a/b"))).isEqualTo(allowed.resolve("a/b")).isDirectory();
  }

  @Test
  void whatIsElsewhereIsRefusedAndNothingIsMadeThere() throws Exception {
    assertRefused(Kind.NOT_ALLOWED, outside);
    assertRefused(Kind.NOT_ALLOWED, outside.resolve("new"));
    assertRefused(Kind.NOT_ALLOWED, folder);
    assertRefused(Kind.NOT_ALLOWED, folder.resolve("allowed too"));
    assertThat(outside).isEmptyDirectory();
    assertThat(folder.resolve("allowed too")).doesNotExist();
  }

  @Test
  void whatCountsIsWhereALinkLeads() throws Exception {
    Files.createSymbolicLink(allowed.resolve("out"), outside);
    Files.createSymbolicLink(allowed.resolve("nowhere"), outside.resolve("new"));
    Files.createSymbolicLink(outside.resolve("in"), allowed);
    assertRefused(Kind.NOT_ALLOWED, allowed.resolve("out"));
    assertRefused(Kind.NOT_ALLOWED, allowed.resolve("out/new"));
    assertRefused(Kind.NOT_ALLOWED, allowed.resolve("nowhere"));
    assertThat(prepared(outside.resolve("in/new"))).isEqualTo(allowed.resolve("new"));
    assertThat(outside.resolve("new")).doesNotExist();
  }

  @Test
  void aFolderWithSomethingInItIsRefusedUnlessItMayBeOverwritten() throws Exception {
    Files.writeString(allowed.resolve("there"), "1");
    assertRefused(Kind.NOT_EMPTY, allowed);
    assertThat(new RestoreTargets(List.of(allowed)).prepare(to(allowed, true))).isEqualTo(allowed);
    assertRefused(Kind.NOT_ALLOWED, allowed.resolve("there"));
    assertRefused(Kind.NOT_ALLOWED, allowed.resolve("there/below"));
  }

  @Test
  void whereNothingIsAllowedNothingIsRestored() {
    RestoreTargets.RefusedException refused =
        catchThrowableOfType(
            RestoreTargets.RefusedException.class,
            () -> new RestoreTargets(List.of()).prepare(to(allowed, false)));
    assertThat(refused.kind()).isEqualTo(Kind.NOT_ALLOWED);
  }
}

package resguardo.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import resguardo.core.RawPath;
import resguardo.core.Sha256;
import resguardo.core.version.Entry;
import resguardo.core.version.Extent;

/** The one file of an archive, as the system's own tar packs it. */
class SingleFileTest {
  @TempDir Path folder;

  private byte[] tar(String name, String... options) throws Exception {
    List<String> words = new java.util.ArrayList<>(List.of("tar", "--format=pax", "-cf", "-"));
    words.addAll(List.of(options));
    words.addAll(List.of("-C", folder.toString(), name));
    Process process = new ProcessBuilder(words).start();
    byte[] packed = process.getInputStream().readAllBytes();
    assertThat(process.waitFor()).isZero();
    return packed;
  }

  private static Entry entry(long size, byte[] content, List<Extent> data) {
    return new Entry(
        RawPath.parse("file"),
        Entry.Type.FILE,
        0644,
        0,
        0,
        null,
        null,
        1,
        0,
        size,
        Sha256.of(content),
        null,
        null,
        null,
        null,
        data);
  }

  private static byte[] content(byte[] tar, Entry entry) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SingleFile.open(new ByteArrayInputStream(tar)).into(out, entry);
    return out.toByteArray();
  }

  @Test
  void itsContentComesAsItWas() throws Exception {
    byte[] bytes = "content".repeat(50_000).getBytes(StandardCharsets.UTF_8);
    Files.write(folder.resolve("file"), bytes);
    assertThat(content(tar("file"), entry(bytes.length, bytes, null))).isEqualTo(bytes);
    Files.write(folder.resolve("none"), new byte[0]);
    assertThat(content(tar("none"), entry(0, new byte[0], null))).isEmpty();
  }

  @Test
  void holesComeAsZeros() throws Exception {
    Path file = folder.resolve("file");
    byte[] data = new byte[65_536];
    java.util.Arrays.fill(data, (byte) 7);
    try (var channel =
        java.nio.channels.FileChannel.open(
            file,
            java.nio.file.StandardOpenOption.CREATE_NEW,
            java.nio.file.StandardOpenOption.WRITE,
            java.nio.file.StandardOpenOption.SPARSE)) {
      channel.write(java.nio.ByteBuffer.wrap(data), 1 << 20);
      channel.write(java.nio.ByteBuffer.wrap(new byte[] {1}), (3 << 20) - 1);
    }
    byte[] tar = tar("file", "--sparse");
    assertThat(tar.length).as("the holes are not in it").isLessThan(1 << 20);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SingleFile single = SingleFile.open(new ByteArrayInputStream(tar));
    assertThat(single.size()).isEqualTo(3 << 20);
    Entry unknown = entry(3 << 20, new byte[0], null).read(null, null);
    single.into(out, unknown);
    assertThat(out.toByteArray()).isEqualTo(Files.readAllBytes(file));
  }

  @Test
  void whatIsNotWhatWasStoredIsFound() throws Exception {
    byte[] bytes = "content".getBytes(StandardCharsets.UTF_8);
    Files.write(folder.resolve("file"), "CONTENT".getBytes(StandardCharsets.UTF_8));
    byte[] tar = tar("file");
    assertThatThrownBy(() -> content(tar, entry(bytes.length, bytes, null)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not what was stored");
    Files.createDirectories(folder.resolve("folder"));
    byte[] none = tar("folder");
    assertThatThrownBy(() -> content(none, entry(7, bytes, null))).isInstanceOf(IOException.class);
    byte[] cut = java.util.Arrays.copyOf(tar, 515);
    assertThatThrownBy(() -> content(cut, entry(bytes.length, bytes, null)))
        .isInstanceOf(IOException.class);
  }
}

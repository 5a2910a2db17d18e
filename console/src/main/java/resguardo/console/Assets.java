package resguardo.console;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import resguardo.core.Sha256;

/** The style, the script and the picture, which lie in the program. */
final class Assets {
  private static final int TAG = 12;

  private final byte[] style = read("console.css");
  private final byte[] script = read("console.js");
  private final byte[] icon = read("icon.svg");
  private final String tag = Sha256.of(joined()).hex().substring(0, TAG);
  private final Map<String, Asset> all =
      Map.of(
          style(), new Asset("text/css; charset=utf-8", style),
          script(), new Asset("text/javascript; charset=utf-8", script),
          icon(), new Asset("image/svg+xml", icon));

  /** One of them. */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares them
  record Asset(String type, byte[] content) {}

  /** One by its address; empty when there is none there. */
  Optional<Asset> at(String page) {
    return Optional.ofNullable(all.get(page));
  }

  /** Addresses change with the content, so that browsers may keep it. */
  String style() {
    return "/assets/" + tag + ".css";
  }

  String script() {
    return "/assets/" + tag + ".js";
  }

  String icon() {
    return "/assets/" + tag + ".svg";
  }

  private byte[] joined() {
    byte[] bytes = new byte[style.length + script.length + icon.length];
    System.arraycopy(style, 0, bytes, 0, style.length);
    System.arraycopy(script, 0, bytes, style.length, script.length);
    System.arraycopy(icon, 0, bytes, style.length + script.length, icon.length);
    return bytes;
  }

  private static byte[] read(String name) {
    try (InputStream in = Assets.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the program was built without " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}

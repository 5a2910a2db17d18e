package resguardo.site;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.Heading;
import org.commonmark.node.Node;
import org.commonmark.node.Text;
import org.commonmark.parser.IncludeSourceSpans;
import org.commonmark.parser.Parser;

/** A Markdown file that was read: what is in it, and the anchors that GitHub gives its headings. */
public final class Markdown {
  private static final Parser PARSER =
      Parser.builder()
          .extensions(List.of(TablesExtension.create()))
          .includeSourceSpans(IncludeSourceSpans.BLOCKS)
          .build();

  private final Node document;
  private final Map<Heading, String> anchors = new LinkedHashMap<>();

  private Markdown(Node document) {
    this.document = document;
    Set<String> taken = new HashSet<>();
    for (Heading heading : all(document, Heading.class)) {
      anchors.put(heading, free(slug(text(heading)), taken));
    }
  }

  /** What this text says. */
  public static Markdown of(String text) {
    return new Markdown(PARSER.parse(text));
  }

  /** What this file, in UTF-8, says. */
  public static Markdown read(Path file) throws IOException {
    return of(Files.readString(file));
  }

  /** The tree of all that is in it. */
  public Node document() {
    return document;
  }

  /** The headings from first to last, each with its anchor, which no other of this file has. */
  public Map<Heading, String> anchors() {
    return anchors;
  }

  /** The text of the first heading; empty where there is none. */
  public String title() {
    return anchors.keySet().stream().findFirst().map(Markdown::text).orElse("");
  }

  /** All of a kind below this node, in the order of the file. */
  public static <T extends Node> List<T> all(Node node, Class<T> type) {
    List<T> found = new ArrayList<>();
    collect(node, type, found);
    return found;
  }

  private static <T extends Node> void collect(Node node, Class<T> type, List<T> found) {
    for (Node child = node.getFirstChild(); child != null; child = child.getNext()) {
      if (type.isInstance(child)) {
        found.add(type.cast(child));
      }
      collect(child, type, found);
    }
  }

  /** What a reader sees of a node, without its form. */
  public static String text(Node node) {
    StringBuilder out = new StringBuilder();
    node.accept(
        new AbstractVisitor() {
          @Override
          public void visit(Text text) {
            out.append(text.getLiteral());
          }

          @Override
          public void visit(Code code) {
            out.append(code.getLiteral());
          }
        });
    return out.toString();
  }

  /** As GitHub makes it: letters, digits, marks, - and _ stay, a space is a -, all else goes. */
  static String slug(String heading) {
    StringBuilder out = new StringBuilder();
    heading
        .strip()
        .toLowerCase(Locale.ROOT)
        .codePoints()
        .forEach(
            c -> {
              if (c == ' ') {
                out.append('-');
              } else if (c == '-' || c == '_' || Character.isLetterOrDigit(c) || isMark(c)) {
                out.appendCodePoint(c);
              }
            });
    return out.toString();
  }

  private static boolean isMark(int c) {
    int type = Character.getType(c);
    return type == Character.NON_SPACING_MARK
        || type == Character.COMBINING_SPACING_MARK
        || type == Character.CONNECTOR_PUNCTUATION;
  }

  private static String free(String slug, Set<String> taken) {
    String anchor = slug;
    for (int n = 1; !taken.add(anchor); n++) {
      anchor = slug + "-" + n;
    }
    return anchor;
  }
}

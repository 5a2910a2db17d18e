package resguardo.site;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.Code;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.Image;
import org.commonmark.node.IndentedCodeBlock;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.renderer.NodeRenderer;
import org.commonmark.renderer.html.HtmlNodeRendererContext;
import org.commonmark.renderer.html.HtmlRenderer;

/** A Markdown file as a page. */
final class Html {
  /** In characters; fits a line of a phone together with a word before it. */
  private static final int LONGEST_SHORT_WORD = 24;

  private final Targets targets;

  Html(Targets targets) {
    this.targets = targets;
  }

  /** The page of this file; links in it lead to pages of the site. */
  Page page(String source, String target, Markdown markdown) {
    Page from = new Page(source, target, markdown.title(), "", List.of(), List.of());
    List<Page.Words> words = words(markdown);
    for (Link link : Markdown.all(markdown.document(), Link.class)) {
      link.setDestination(targets.resolve(from, link.getDestination()));
    }
    for (Image image : Markdown.all(markdown.document(), Image.class)) {
      image.setDestination(targets.resolve(from, image.getDestination()));
    }
    Markdown.all(markdown.document(), Code.class).forEach(code -> lead(from, code));
    List<Page.Section> outline = new ArrayList<>();
    markdown
        .anchors()
        .forEach(
            (heading, anchor) -> {
              if (heading.getLevel() == 2 || heading.getLevel() == 3) {
                outline.add(new Page.Section(heading.getLevel(), anchor, Markdown.text(heading)));
              }
            });
    String body =
        renderer(markdown)
            .render(markdown.document())
            .replace(
                "<table>",
                "<div class=\"table\" tabindex=\"0\" role=\"region\" aria-label=\"Table\"><table>")
            .replace("</table>", "</table></div>");
    return new Page(source, target, markdown.title(), body, outline, words);
  }

  /** A file that is only named leads to its page too, as in `docs/design.md`. */
  private void lead(Page from, Code code) {
    String page = targets.ofPage(code.getLiteral().replaceFirst("/$", ""));
    if (page != null && !page.equals(from.target()) && !(code.getParent() instanceof Link)) {
      Link link = new Link(from.to(page), null);
      code.insertBefore(link);
      link.appendChild(code);
    }
  }

  private static List<Page.Words> words(Markdown markdown) {
    List<Page.Words> found = new ArrayList<>();
    String anchor = "";
    String title = markdown.title();
    StringBuilder text = new StringBuilder();
    for (Node node = markdown.document().getFirstChild(); node != null; node = node.getNext()) {
      if (node instanceof Heading heading) {
        if (heading.getLevel() > 1) {
          found.add(new Page.Words(anchor, title, text.toString().strip()));
          anchor = String.valueOf(markdown.anchors().get(heading));
          title = Markdown.text(heading);
          text.setLength(0);
        }
      } else if (node instanceof FencedCodeBlock block) {
        text.append(block.getLiteral()).append(' ');
      } else if (node instanceof IndentedCodeBlock block) {
        text.append(block.getLiteral()).append(' ');
      } else {
        Markdown.all(node, Node.class).stream()
            .filter(leaf -> leaf.getFirstChild() == null)
            .forEach(leaf -> text.append(leafText(leaf)));
        text.append(' ');
      }
    }
    found.add(new Page.Words(anchor, title, text.toString().strip()));
    return found;
  }

  private static String leafText(Node leaf) {
    String text = Markdown.text(leaf);
    return text.isEmpty() || leaf.getNext() == null ? text + " " : text;
  }

  /** A heading that can be linked to. */
  static String heading(int level, String anchor, String inner) {
    return String.format(
        "<h%d id=\"%s\">%s <a class=\"anchor\" href=\"#%s\" aria-label=\"Link to this section\">#</a></h%d>%n",
        level, anchor, inner, anchor, level);
  }

  private static HtmlRenderer renderer(Markdown markdown) {
    return HtmlRenderer.builder()
        .extensions(List.of(TablesExtension.create()))
        .nodeRendererFactory(context -> new Renderer(markdown, context))
        .attributeProviderFactory(context -> Html::mark)
        .build();
  }

  /** A short word of code is not broken at a dash in it. */
  private static void mark(Node node, String tag, Map<String, String> attributes) {
    if (node instanceof Code code && code.getLiteral().length() <= LONGEST_SHORT_WORD) {
      attributes.put("class", "short");
    }
  }

  /** What the site shows otherwise than Markdown by itself. */
  private record Renderer(Markdown markdown, HtmlNodeRendererContext context)
      implements NodeRenderer {
    @Override
    public Set<Class<? extends Node>> getNodeTypes() {
      return Set.of(Heading.class, FencedCodeBlock.class, IndentedCodeBlock.class, HtmlBlock.class);
    }

    @Override
    public void render(Node node) {
      context.getWriter().line();
      if (node instanceof Heading heading) {
        heading(heading);
      } else if (node instanceof FencedCodeBlock block) {
        context.getWriter().raw(CodeBlock.html(block.getInfo(), block.getLiteral()));
      } else if (node instanceof IndentedCodeBlock block) {
        context.getWriter().raw(CodeBlock.html("", block.getLiteral()));
      } else if (node instanceof HtmlBlock block && !block.getLiteral().startsWith("<!--")) {
        throw new IllegalArgumentException("HTML in Markdown: " + block.getLiteral());
      }
    }

    private void heading(Heading heading) {
      String tag = "h" + heading.getLevel();
      String anchor = String.valueOf(markdown.anchors().get(heading));
      context.getWriter().raw("<" + tag + " id=\"" + anchor + "\">");
      for (Node child = heading.getFirstChild(); child != null; child = child.getNext()) {
        context.render(child);
      }
      if (heading.getLevel() > 1) {
        context
            .getWriter()
            .raw(
                " <a class=\"anchor\" href=\"#"
                    + anchor
                    + "\" aria-label=\"Link to this section\">#</a>");
      }
      context.getWriter().raw("</" + tag + ">");
      context.getWriter().line();
    }
  }
}

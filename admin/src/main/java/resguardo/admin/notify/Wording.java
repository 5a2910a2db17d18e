package resguardo.admin.notify;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.MustacheException;
import com.samskivert.mustache.Template;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The words of a notice, as a channel takes them: the usual ones, or those of the operator's
 * templates (mustache). What is put into a template is escaped as the channel needs it; what stands
 * in the template is left as it is, so it may hold markup.
 */
final class Wording {
  /** Holds all that could break a template's form, and more than one of each. */
  private static final Notice SAMPLE =
      new Notice(
          Instant.EPOCH,
          List.of(trouble("a \"quoted\" <name> \\ & a\nline"), trouble("another")),
          List.of(trouble("a third")),
          List.of(trouble("a fourth"), trouble("a fifth")));

  private final @Nullable Template subject;
  private final @Nullable Template text;
  private final UnaryOperator<String> escape;

  private Wording(
      @Nullable Template subject, @Nullable Template text, UnaryOperator<String> escape) {
    this.subject = subject;
    this.text = text;
    this.escape = escape;
  }

  /**
   * From templates.
   *
   * @param subject absent: as usual
   * @param text absent: as usual
   * @param escape what makes any text one that the channel takes for nothing but text
   * @throws IllegalArgumentException when one is none, or names what there is not
   */
  static Wording of(@Nullable String subject, @Nullable String text, UnaryOperator<String> escape) {
    Mustache.Compiler compiler = Mustache.compiler().withEscaper(escape::apply);
    try {
      Wording wording =
          new Wording(
              subject == null ? null : compiler.compile(subject),
              text == null ? null : compiler.compile(text),
              escape);
      wording.subject(SAMPLE);
      wording.text(SAMPLE);
      return wording;
    } catch (MustacheException e) {
      throw new IllegalArgumentException("a template that cannot be used: " + e.getMessage(), e);
    }
  }

  private static Trouble trouble(String what) {
    return new Trouble("failing a:/b", Trouble.Kind.FAILING, what);
  }

  /** What the channel would say of a notice that holds everything; to look whether it can. */
  String sample() {
    return text(SAMPLE);
  }

  /** Whether its text is the operator's own. */
  boolean hasText() {
    return text != null;
  }

  /** In one line, as far as it is the usual one. */
  String subject(Notice notice) {
    return subject == null ? escape.apply(notice.subject()) : subject.execute(context(notice));
  }

  /** All of it. */
  String text(Notice notice) {
    return text == null ? escape.apply(notice.text()) : text.execute(context(notice));
  }

  /**
   * For where there is no subject: the usual text has it above; one of the operator's stands alone.
   */
  String whole(Notice notice) {
    return text == null ? subject(notice) + "\n\n" + text(notice) : text(notice);
  }

  private static Map<String, Object> context(Notice notice) {
    Map<String, Object> context = new HashMap<>();
    context.put("subject", notice.subject());
    context.put("text", notice.text());
    context.put("time", notice.time().toString());
    context.put("good", notice.isGood());
    add(context, "new", notice.begun());
    add(context, "still", notice.still());
    add(context, "over", notice.over());
    return context;
  }

  private static void add(Map<String, Object> context, String name, List<Trouble> troubles) {
    context.put(
        name,
        troubles.stream()
            .map(
                trouble ->
                    Map.of(
                        "id", trouble.id(),
                        "kind", trouble.kind().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                        "what", trouble.what()))
            .toList());
    context.put(name + "Count", troubles.size());
  }
}

package resguardo.admin.notify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Posts notices to whoever takes them by HTTP, each in the form that it takes.
 *
 * @param name of the channel
 * @param form which form
 * @param url where to; parts of it may be secret
 * @param secret of a webhook: its requests are signed with it; of ntfy: a token. Absent: none
 * @param wording of {@link #escaping} this form
 */
record HttpChannel(
    String name, Form form, URI url, @Nullable String secret, Wording wording, HttpSender sender)
    implements Channel {
  /** What a request carries: {@code t=<seconds>,v1=<hex of HMAC-SHA256 of "<seconds>.<body>">}. */
  static final String SIGNATURE = "Resguardo-Signature";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String JSON_TYPE = "application/json";

  /** Discord refuses longer ones. */
  private static final int DISCORD_LONGEST = 2000;

  /** ntfy makes longer ones an attachment. */
  private static final int NTFY_LONGEST = 4000;

  /** The forms. */
  enum Form {
    /** All of it as JSON, for programs; docs/operating.md describes it. */
    WEBHOOK,
    SLACK,
    DISCORD,
    NTFY;

    static Form of(String word) {
      for (Form form : values()) {
        if (form.name().toLowerCase(Locale.ROOT).equals(word)) {
          return form;
        }
      }
      throw new IllegalArgumentException(
          "a type is webhook, slack, discord, ntfy or email: " + word);
    }
  }

  @Override
  public void send(Notice notice) throws IOException, InterruptedException {
    Map<String, String> headers = new LinkedHashMap<>();
    String body =
        switch (form) {
          case WEBHOOK -> wording.hasText() ? wording.text(notice) : json(notice);
          case SLACK -> JSON.writeValueAsString(Map.of("text", wording.whole(notice)));
          case DISCORD ->
              JSON.writeValueAsString(
                  Map.of(
                      "content", cut(wording.whole(notice), DISCORD_LONGEST),
                      "allowed_mentions", Map.of("parse", List.of())));
          case NTFY -> cut(wording.text(notice), NTFY_LONGEST);
        };
    if (form == Form.NTFY) {
      headers.put("Title", ascii(wording.subject(notice)));
      headers.put("Priority", notice.isGood() ? "default" : "high");
      headers.put("Tags", notice.isGood() ? "white_check_mark" : "warning");
      if (secret != null) {
        headers.put("Authorization", "Bearer " + secret);
      }
    } else {
      headers.put("Content-Type", JSON_TYPE);
    }
    if (form == Form.WEBHOOK && secret != null) {
      headers.put(SIGNATURE, signature(secret, notice.time().getEpochSecond(), body));
    }
    sender.post(url, body, headers);
  }

  /** What makes any text one that is nothing but text in this form. */
  static UnaryOperator<String> escaping(Form form) {
    return switch (form) {
      case WEBHOOK -> text -> new String(JsonStringEncoder.getInstance().quoteAsString(text));
      case SLACK -> HttpChannel::escaped;
      case DISCORD -> HttpChannel::unmarked;
      case NTFY -> UnaryOperator.identity();
    };
  }

  private static String json(Notice notice) throws JsonProcessingException {
    ObjectNode top = JSON.createObjectNode();
    top.put("version", 1);
    top.put("time", notice.time().toString());
    top.put("subject", notice.subject());
    add(top.putArray("new"), notice.begun());
    add(top.putArray("still"), notice.still());
    add(top.putArray("over"), notice.over());
    return JSON.writeValueAsString(top);
  }

  private static void add(ArrayNode to, List<Trouble> troubles) {
    for (Trouble trouble : troubles) {
      to.addObject()
          .put("id", trouble.id())
          .put("kind", trouble.kind().name())
          .put("what", trouble.what());
    }
  }

  /** Names of files and reasons are no markup, and mention nobody. */
  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /** What Discord would take as markup, such as a link that says something else. */
  private static String unmarked(String text) {
    return text.replaceAll("([\\\\*_~`|\\[\\]()<>#])", "\\\\$1");
  }

  private static String cut(String text, int longest) {
    return text.length() <= longest ? text : text.substring(0, longest - 1) + "…";
  }

  /** A header carries nothing else. */
  private static String ascii(String text) {
    return text.replaceAll("[^\\x20-\\x7e]", "?");
  }

  static String signature(String secret, long seconds, String body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      byte[] sign = mac.doFinal((seconds + "." + body).getBytes(StandardCharsets.UTF_8));
      return "t=" + seconds + ",v1=" + HexFormat.of().formatHex(sign);
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }
}

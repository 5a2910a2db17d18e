package resguardo.admin.notify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import resguardo.core.NodeName;
import resguardo.core.RegistrationKey;
import resguardo.core.SourcePath;

/**
 * Whom to tell of what. {@code docs/operating.md} describes the file.
 *
 * @param apart how long between two notices over one channel
 * @param remind after how long what is still wrong is told again
 */
public record NotifyConfig(
    Duration every,
    Duration apart,
    Duration remind,
    Conditions conditions,
    List<Channel> channels,
    List<Pings.Ping> pings) {
  private static final int VERSION = 1;
  private static final Duration EVERY = Duration.ofSeconds(30);
  private static final Duration APART = Duration.ofMinutes(5);
  private static final Duration REMIND = Duration.ofDays(1);
  private static final int SUBMISSION = 587;
  private static final ObjectMapper YAML =
      new ObjectMapper(new YAMLFactory())
          .setPropertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** As it stands in the file. */
  record Top(
      int version,
      @Nullable String every,
      @Nullable String apart,
      @Nullable String remind,
      @Nullable Said conditions,
      @Nullable List<Way> channels,
      @Nullable List<PingLine> pings) {}

  /** What counts as wrong; absent: as usual; {@code never} for a time: it does not. */
  record Said(
      @Nullable Boolean failing,
      @Nullable String withoutBackup,
      @Nullable String nodeUnseen,
      @Nullable Boolean suspicious,
      @Nullable Boolean deadLetters,
      @Nullable Boolean drills) {}

  /** A channel; subject and text are templates, absent: as usual. */
  record Way(
      String type,
      @Nullable String name,
      @Nullable String url,
      @Nullable String urlFile,
      @Nullable String secretFile,
      @Nullable String host,
      @Nullable Integer port,
      @Nullable String security,
      @Nullable String user,
      @Nullable String passwordFile,
      @Nullable String from,
      @Nullable List<String> to,
      @Nullable String subject,
      @Nullable String text) {}

  /** A ping. */
  record PingLine(String node, String path, @Nullable String url, @Nullable String urlFile) {}

  public NotifyConfig {
    channels = List.copyOf(channels);
    pings = List.copyOf(pings);
  }

  /**
   * Reads a file.
   *
   * @param times reads what people write as a time
   * @throws IllegalArgumentException with the reason in words, when it is none
   * @throws IOException when it, or a file that it names, cannot be read
   */
  public static NotifyConfig read(Path file, Function<String, Duration> times) throws IOException {
    Top top;
    try {
      top = YAML.readValue(Files.readString(file), Top.class);
    } catch (JsonProcessingException e) {
      String where = e.getLocation() == null ? "" : "line " + e.getLocation().getLineNr() + ": ";
      throw new IllegalArgumentException(where + e.getOriginalMessage(), e);
    }
    if (top == null || top.version() != VERSION) {
      throw new IllegalArgumentException("it does not begin with version: " + VERSION);
    }
    List<Channel> channels = new ArrayList<>();
    HttpSender sender = new HttpSender();
    for (Way way : orNone(top.channels())) {
      Channel channel = channel(way, sender);
      if (channels.stream().anyMatch(other -> other.name().equals(channel.name()))) {
        throw new IllegalArgumentException(
            "two channels are called " + channel.name() + ": give them a name each");
      }
      channels.add(channel);
    }
    List<Pings.Ping> pings = new ArrayList<>();
    for (PingLine line : orNone(top.pings())) {
      pings.add(
          new Pings.Ping(
              new RegistrationKey(new NodeName(line.node()), SourcePath.parse(line.path())),
              url("a ping", line.url(), line.urlFile())));
    }
    if (channels.isEmpty() && pings.isEmpty()) {
      throw new IllegalArgumentException("it has neither channels nor pings: nobody is told");
    }
    return new NotifyConfig(
        top.every() == null ? EVERY : times.apply(top.every()),
        top.apart() == null ? APART : times.apply(top.apart()),
        top.remind() == null ? REMIND : times.apply(top.remind()),
        conditions(top.conditions(), times),
        channels,
        pings);
  }

  private static <T> List<T> orNone(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }

  private static Conditions conditions(@Nullable Said said, Function<String, Duration> times) {
    Conditions usual = Conditions.USUAL;
    if (said == null) {
      return usual;
    }
    return new Conditions(
        said.failing() == null ? usual.failing() : said.failing(),
        time(said.withoutBackup(), usual.withoutBackup(), times),
        time(said.nodeUnseen(), usual.nodeUnseen(), times),
        said.suspicious() == null ? usual.suspicious() : said.suspicious(),
        said.deadLetters() == null ? usual.deadLetters() : said.deadLetters(),
        said.drills() == null ? usual.drills() : said.drills());
  }

  private static @Nullable Duration time(
      @Nullable String said, @Nullable Duration usual, Function<String, Duration> times) {
    if (said == null) {
      return usual;
    }
    return said.equals("never") ? null : times.apply(said);
  }

  private static Channel channel(Way way, HttpSender sender) throws IOException {
    String name = way.name() == null ? way.type() : way.name();
    if (way.type().equals("email")) {
      return mail(way, name);
    }
    HttpChannel.Form form = HttpChannel.Form.of(way.type());
    if (way.subject() != null && form != HttpChannel.Form.NTFY) {
      throw new IllegalArgumentException(
          name + " has no subject of its own: its text may hold {{subject}}");
    }
    Wording wording = wording(way, name, HttpChannel.escaping(form));
    if (form == HttpChannel.Form.WEBHOOK && wording.hasText()) {
      refuseOtherThanJson(name, wording.sample());
    }
    return new HttpChannel(
        name,
        form,
        url(name, way.url(), way.urlFile()),
        way.secretFile() == null ? null : secret(way.secretFile()),
        wording,
        sender);
  }

  private static Wording wording(Way way, String name, UnaryOperator<String> escape) {
    try {
      return Wording.of(way.subject(), way.text(), escape);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + " has " + e.getMessage(), e);
    }
  }

  private static void refuseOtherThanJson(String name, String sample) {
    try {
      if (JSON.readTree(sample).isObject()) {
        return;
      }
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          name + " has a text that does not come out as JSON: " + e.getOriginalMessage(), e);
    }
    throw new IllegalArgumentException(name + " has a text that is no JSON object");
  }

  private static Channel mail(Way way, String name) throws IOException {
    MailChannel.Security security = MailChannel.Security.STARTTLS;
    if (way.security() != null) {
      try {
        security = MailChannel.Security.valueOf(way.security().toUpperCase(Locale.ROOT));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "security is tls, starttls or none: " + way.security(), e);
      }
    }
    if (way.from() == null || orNone(way.to()).isEmpty()) {
      throw new IllegalArgumentException(name + " needs from and to");
    }
    return new MailChannel(
        name,
        needed(way.host(), name + " needs a host"),
        way.port() == null ? SUBMISSION : way.port(),
        security,
        way.user(),
        way.passwordFile() == null ? null : secret(way.passwordFile()),
        way.from(),
        List.copyOf(Objects.requireNonNull(way.to())),
        wording(way, name, UnaryOperator.identity()));
  }

  private static String needed(@Nullable String value, String else_) {
    if (value == null) {
      throw new IllegalArgumentException(else_);
    }
    return value;
  }

  /** Addresses of such services are secrets: whoever knows one can use it. */
  private static URI url(String of, @Nullable String url, @Nullable String file)
      throws IOException {
    if ((url == null) == (file == null)) {
      throw new IllegalArgumentException(of + " needs either url or url-file");
    }
    URI uri;
    try {
      uri = URI.create(url == null ? secret(Objects.requireNonNull(file)) : url);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(of + " has no address that can be read");
    }
    if (!"http".equals(uri.getScheme()) && !"https".equals(uri.getScheme())) {
      throw new IllegalArgumentException(of + " has an address that is neither http nor https");
    }
    return uri;
  }

  private static String secret(String file) throws IOException {
    return Files.readString(Path.of(file)).strip();
  }
}

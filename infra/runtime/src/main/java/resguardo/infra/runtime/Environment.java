package resguardo.infra.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import resguardo.infra.tls.Tls;
import resguardo.infra.tls.TlsFiles;

/**
 * Settings: a flag wins over the environment, and in the environment {@code NAME} over {@code
 * NAME_FILE}, a file that holds the value. Values can be secret: they are never shown.
 */
public record Environment(Map<String, String> variables) {
  /** Where the broker is: one address, or several of a cluster with commas between them. */
  public static final String AMQP_URI = "RESGUARDO_AMQP_URI";

  /** Where the management interface of the broker is, with an administrator's name and password. */
  public static final String MANAGEMENT_URI = "RESGUARDO_MANAGEMENT_URI";

  /** Where the archives lie. */
  public static final String STORE = "RESGUARDO_STORE";

  /** The name of this node. */
  public static final String NODE = "RESGUARDO_NODE";

  /** A file with settings, which win over the environment; operators' commands read it. */
  public static final String CONFIG = "RESGUARDO_CONFIG";

  /** A file with the certificates of those who may vouch for broker and store, as PEM. */
  public static final String TLS_CA = "RESGUARDO_TLS_CA";

  /** A file with the certificate that is shown to broker and store, as PEM. */
  public static final String TLS_CERT = "RESGUARDO_TLS_CERT";

  /** A file with the key of that certificate, as PEM. */
  public static final String TLS_KEY = "RESGUARDO_TLS_KEY";

  /** A broker where one that was installed and not changed is. */
  private static final String LOCAL_BROKER = "amqp://guest:guest@127.0.0.1:5672/%2f";

  public Environment {
    variables = Map.copyOf(variables);
  }

  /** That of this process. */
  public static Environment ofProcess() {
    return new Environment(System.getenv());
  }

  /**
   * That of this process, with what a file says: see {@link #with}.
   *
   * @param file absent: there is none
   */
  public static Environment ofProcess(@Nullable Path file) {
    return file == null ? ofProcess() : ofProcess().with(file);
  }

  /**
   * This one with what a file says, which wins: lines of {@code NAME=value}, the value up to the
   * end of the line and as it is, and lines that are empty or begin with {@code #}. It is the form
   * that systemd and Docker read too.
   *
   * @throws IllegalArgumentException when it cannot be read, or has another line; the message holds
   *     no value
   */
  public Environment with(Path file) {
    Map<String, String> all = new HashMap<>(variables);
    try {
      int number = 0;
      for (String line : Files.readAllLines(file)) {
        number++;
        int equals = line.indexOf('=');
        if (line.isBlank() || line.startsWith("#")) {
          continue;
        }
        if (equals <= 0) {
          throw new IllegalArgumentException(
              "line " + number + " of " + file + " is not of the form NAME=value");
        }
        all.put(line.substring(0, equals).strip(), line.substring(equals + 1).strip());
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("the file " + file + " cannot be read", e);
    }
    return new Environment(all);
  }

  /**
   * The value of a setting; empty when it is set nowhere.
   *
   * @param flag what the command line says; absent: nothing
   * @throws IllegalArgumentException when its file cannot be read
   */
  public Optional<String> value(@Nullable String flag, String name) {
    if (flag != null) {
      return Optional.of(flag);
    }
    String direct = variables.get(name);
    if (direct != null && !direct.isBlank()) {
      return Optional.of(direct.strip());
    }
    String file = variables.get(name + "_FILE");
    return file == null || file.isBlank() ? Optional.empty() : Optional.of(content(name, file));
  }

  private static String content(String name, String file) {
    try {
      return Files.readString(Path.of(file)).strip();
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "the file " + file + " that " + name + "_FILE names cannot be read", e);
    }
  }

  /**
   * The address of the store.
   *
   * @param flag what the command line says; absent: nothing
   * @throws IllegalArgumentException when none is set
   */
  public String store(@Nullable String flag) {
    return value(flag, STORE)
        .orElseThrow(() -> new IllegalArgumentException("there is no store: set RESGUARDO_STORE"));
  }

  /** The addresses of the broker; a local one where none is set. */
  public List<String> brokers(@Nullable String flag) {
    return Arrays.stream(value(flag, AMQP_URI).orElse(LOCAL_BROKER).split(","))
        .map(String::strip)
        .toList();
  }

  /**
   * How connections are made by TLS.
   *
   * @throws IllegalArgumentException when the files that are set cannot be used
   */
  public Tls tls() {
    return Tls.of(new TlsFiles(path(TLS_CA), path(TLS_CERT), path(TLS_KEY)));
  }

  private @Nullable Path path(String name) {
    String value = variables.get(name);
    return value == null || value.isBlank() ? null : Path.of(value.strip());
  }

  @Override
  public String toString() {
    return "Environment" + variables.keySet();
  }
}

package resguardo.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.pollinterval.IterativePollInterval;
import org.jspecify.annotations.Nullable;
import resguardo.admin.AdminException;
import resguardo.admin.Desk;
import resguardo.admin.ExitCode;
import resguardo.core.NodeName;
import resguardo.core.RegistrationKey;
import resguardo.core.Role;
import resguardo.core.Schedule;
import resguardo.core.Serial;
import resguardo.core.SourcePath;
import resguardo.core.catalog.Status;
import resguardo.core.catalog.StatusBook;
import resguardo.core.catalog.VersionCatalog;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.BrokerException;
import resguardo.core.port.StoreException;
import resguardo.core.protocol.Answer;
import resguardo.core.version.VersionHeader;
import resguardo.infra.rabbit.BrokerUri;
import resguardo.infra.rabbit.RabbitBroker;
import resguardo.infra.runtime.Instances;
import resguardo.infra.store.StoreUri;
import resguardo.infra.tls.Tls;
import resguardo.infra.tls.TlsFiles;
import resguardo.testkit.net.ChaosProxy;
import resguardo.testkit.servers.RealCluster;
import resguardo.testkit.servers.RealServer;
import resguardo.testkit.servers.TestCa;

/** The programs that users start, as processes of their own, on real servers. */
final class Pipeline implements AutoCloseable {
  /** How long anything may take that is to happen; not how long it should. */
  static final Duration PATIENCE = Duration.ofSeconds(120);

  private static final Duration ANSWER = Duration.ofSeconds(60);
  private static final Duration SELDOM = Duration.ofSeconds(1);

  private static final Path PROJECT = Path.of("").toAbsolutePath().getParent();

  /**
   * Most processes of tests live for seconds: in those, to optimize their code takes Java twice the
   * time that they work.
   */
  private static final String SHORT_LIVED = "-XX:TieredStopAtLevel=1";

  static {
    // What takes long is looked at less often: many a look starts a process.
    Awaitility.setDefaultPollInterval(
        IterativePollInterval.iterative(
            last -> last.compareTo(SELDOM) < 0 ? last.multipliedBy(13).dividedBy(10) : last,
            Duration.ofMillis(100)));
  }

  private final Path folder;
  private final List<RealServer> brokers;
  private final RealServer store;
  private final Map<String, String> common;
  private final Deque<Process> processes = new ArrayDeque<>();
  private String javaOptions = SHORT_LIVED;
  private int started;
  private @Nullable RabbitBroker operator;

  /** What a program said. */
  record Result(int exit, String out, String err) {}

  /** On servers that are started, with all that it makes in this folder. */
  Pipeline(Path folder) {
    this(folder, List.of(RealServer.rabbitmq(folder.resolve("rabbitmq"))));
  }

  /** On several nodes that are one broker, and a store that is started. */
  Pipeline(Path folder, RealCluster cluster) {
    this(folder, cluster.nodes());
  }

  private Pipeline(Path folder, List<RealServer> brokers) {
    this.folder = folder;
    this.brokers = brokers;
    this.store = RealServer.minio(folder.resolve("minio"));
    this.common =
        Map.of(
            "RESGUARDO_AMQP_URI",
            brokers.stream().map(node -> node.fact("amqp_uri")).collect(Collectors.joining(",")),
            "RESGUARDO_MANAGEMENT_URI",
            management());
  }

  /** On servers that are reached by TLS, with certificates of this authority on both sides. */
  Pipeline(Path folder, TestCa authority) {
    this.folder = folder;
    this.brokers =
        List.of(RealServer.rabbitmqWithTls(folder.resolve("rabbitmq"), authority, "server"));
    this.store = RealServer.minioWithTls(folder.resolve("minio"), authority, "server");
    this.common =
        Map.of(
            "RESGUARDO_AMQP_URI", broker().fact("amqps_uri"),
            "RESGUARDO_TLS_CA", authority.certificate("ca").toString(),
            "RESGUARDO_TLS_CERT", authority.certificate("client").toString(),
            "RESGUARDO_TLS_KEY", authority.key("client").toString());
  }

  /** Has programs that are started from now on run as users' do, for figures. */
  Pipeline measured() {
    javaOptions = "";
    return this;
  }

  private String management() {
    String login = broker().fact("management_user") + ":" + broker().fact("management_password");
    return broker().fact("management_url").replaceFirst("://", "://" + login + "@");
  }

  /** The settings of a program that may do everything. */
  Map<String, String> environment() {
    Map<String, String> all = new HashMap<>(common);
    all.put("RESGUARDO_STORE", store.fact("store_uri"));
    return all;
  }

  /** The broker, or the first of its nodes. */
  RealServer broker() {
    return brokers.get(0);
  }

  /** The nodes of the broker. */
  List<RealServer> brokers() {
    return brokers;
  }

  /** A way to the broker for a test itself, as an operator. */
  RabbitBroker connect() throws BrokerException {
    List<BrokerUri> uris =
        brokers.stream().map(node -> BrokerUri.parse(node.fact("amqp_uri"))).toList();
    RabbitBroker broker = new RabbitBroker(uris, Instances.random(Role.ADMIN));
    broker.await(PATIENCE);
    return broker;
  }

  /** A folder for what a test makes. */
  Path folder(String name) throws IOException {
    return Files.createTempDirectory(folder, name);
  }

  RealServer store() {
    return store;
  }

  /** A folder that agents may read. */
  Path data(String name) throws IOException {
    return Files.createDirectories(folder.resolve("data").resolve(name)).toRealPath();
  }

  Process coordinator() throws IOException {
    return start("coordinator", Map.of("RESGUARDO_STORE", store.fact("store_uri")));
  }

  /** A coordinator with other addresses of its servers. */
  Process coordinatorWith(Map<String, String> environment) throws IOException {
    return start("coordinator", environment);
  }

  Process worker(String... arguments) throws IOException {
    return start("fetch-worker", Map.of("RESGUARDO_STORE", store.fact("store_uri")), arguments);
  }

  /** A worker with other addresses of its servers. */
  Process workerWith(Map<String, String> environment) throws IOException {
    Map<String, String> all = new HashMap<>(Map.of("RESGUARDO_STORE", store.fact("store_uri")));
    all.putAll(environment);
    return start("fetch-worker", all);
  }

  /** A process that expires versions, with this address of the store. */
  Process retention(String storeUri, String... arguments) throws IOException {
    return start("retention", Map.of("RESGUARDO_STORE", storeUri), arguments);
  }

  /** A server's address, by way of a proxy. */
  static String through(ChaosProxy proxy, String uri) {
    return uri.replaceFirst("127\\.0\\.0\\.1:\\d+", "127.0.0.1:" + proxy.port());
  }

  /** The port in a server's address. */
  static int portOf(String uri) {
    return Integer.parseInt(uri.replaceFirst(".*127\\.0\\.0\\.1:(\\d+).*", "$1"));
  }

  /** An agent that allows the data of these tests. */
  Process agent(String node) throws IOException {
    return start(
        "agent",
        Map.of(),
        "--node",
        node,
        "--allow",
        folder.resolve("elsewhere").toString(),
        "--allow",
        folder.resolve("data").toString(),
        "--cache",
        folder.resolve("caches").resolve(node).toString());
  }

  /** An agent of root that may read only what root's own permissions allow. */
  Process agentOfLessPower(String node) throws IOException {
    List<String> words =
        List.of(
            "setpriv",
            "--bounding-set=-dac_override,-dac_read_search",
            PROJECT.resolve("bin/agent").toString(),
            "--node",
            node,
            "--allow",
            folder.resolve("data").toString(),
            "--cache",
            folder.resolve("caches").resolve(node).toString());
    return started("agent", Map.of(), words);
  }

  /** An agent on a machine that is set up otherwise: its variables, and its umask. */
  Process agentElsewhere(String node, String umask, Map<String, String> environment)
      throws IOException {
    return agentBy("umask " + umask + "; exec \"$@\"", node, environment);
  }

  /** An agent that is started by this shell script, as {@code "$@"}, and with more options. */
  Process agentBy(String script, String node, Map<String, String> environment, String... more)
      throws IOException {
    List<String> words = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    words.addAll(List.of(PROJECT.resolve("bin/agent").toString(), "--node", node));
    words.addAll(List.of("--allow", folder.resolve("data").toString()));
    words.addAll(List.of("--cache", folder.resolve("caches").resolve(node).toString()));
    words.addAll(List.of(more));
    return started("agent", environment, words);
  }

  /** Takes away what an agent remembers. */
  void forgetCaches(String node) throws IOException {
    try (java.util.stream.Stream<Path> files = Files.list(folder.resolve("caches").resolve(node))) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** A console at a free port, which logs in as an operator with a file of settings. */
  Process console(Path settings, String... arguments) throws IOException {
    List<String> words =
        new ArrayList<>(
            List.of(PROJECT.resolve("bin/console").toString(), "--config", settings.toString()));
    words.addAll(List.of("--port", "0"));
    words.addAll(List.of(arguments));
    return started("console", Map.of(), words);
  }

  Process logger() throws IOException {
    return start("admin", Map.of(), "logs", "--follow", "--wait-for-broker");
  }

  /** A coordinator, a worker and an agent. */
  void startOfEach(String node) throws IOException {
    coordinator();
    worker();
    agent(node);
  }

  private Process start(String program, Map<String, String> environment, String... arguments)
      throws IOException {
    List<String> words =
        new ArrayList<>(List.of(PROJECT.resolve("bin").resolve(program).toString()));
    words.addAll(List.of(arguments));
    return started(program, environment, words);
  }

  private Process started(String program, Map<String, String> environment, List<String> words)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(words);
    builder.environment().put("RESGUARDO_JAVA_OPTS", javaOptions);
    builder.environment().putAll(common);
    builder.environment().putAll(environment);
    Path log = folder.resolve(String.format("%02d-%s.log", started++, program));
    builder
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    Process process = builder.start();
    processes.push(process);
    return process;
  }

  /** Whether any process of this program has written this to its log. */
  boolean logged(String program, String text) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().endsWith("-" + program + ".log"))
          .anyMatch(file -> read(file).contains(text));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** How many times processes of this program have written this to their logs. */
  int loggedTimes(String program, String text) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().endsWith("-" + program + ".log"))
          .mapToInt(file -> read(file).split(Pattern.quote(text), -1).length - 1)
          .sum();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** All that processes of this program have written to their logs. */
  List<String> logLines(String program) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().endsWith("-" + program + ".log"))
          .flatMap(file -> read(file).lines())
          .toList();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Starts an admin command that is not waited for. */
  Process adminProcess(String... arguments) throws IOException {
    return start("admin", Map.of(), arguments);
  }

  /** Runs an admin command. */
  Result admin(String... arguments) throws Exception {
    return run("admin", common, arguments);
  }

  /** Runs an admin command with more in its environment. */
  Result adminWith(Map<String, String> environment, String... arguments) throws Exception {
    Map<String, String> all = new HashMap<>(common);
    all.putAll(environment);
    return run("admin", all, arguments);
  }

  /** Waits until a coordinator has made the bucket. */
  void awaitBucket() {
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              try (ArchiveStore bucket = bucket()) {
                return bucket.head(resguardo.core.catalog.RestoreGuide.KEY).isPresent();
              } catch (IOException notYet) {
                return false;
              }
            });
  }

  /** Runs the program that moves versions. */
  Result transfer(Map<String, String> environment, String... arguments) throws Exception {
    Map<String, String> all = new HashMap<>(common);
    all.putAll(environment);
    return run("transfer", all, arguments);
  }

  /** Starts the program that moves versions, which is not waited for. */
  Process transferProcess(Map<String, String> environment, String... arguments) throws IOException {
    return start("transfer", environment, arguments);
  }

  /** What a program says that does its work and ends. */
  String said(String program, Map<String, String> environment, String... arguments)
      throws Exception {
    Result result = run(program, environment, arguments);
    assertThat(result.exit()).as(result.err()).isZero();
    return result.out();
  }

  private Result run(String program, Map<String, String> environment, String... arguments)
      throws Exception {
    List<String> words =
        new ArrayList<>(List.of(PROJECT.resolve("bin").resolve(program).toString()));
    words.addAll(List.of(arguments));
    Path out = Files.createTempFile(folder, "admin", ".out");
    Path err = Files.createTempFile(folder, "admin", ".err");
    ProcessBuilder builder =
        new ProcessBuilder(words).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().put("RESGUARDO_JAVA_OPTS", javaOptions);
    builder.environment().putAll(environment);
    Process process = builder.start();
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .as("%s %s ends", program, List.of(arguments))
        .isTrue();
    return new Result(process.exitValue(), read(out), read(err));
  }

  /** Registers, and waits for the coordinator's word. */
  void register(String node, Path path, int seconds, String... more) throws Exception {
    List<String> words =
        new ArrayList<>(List.of("publish", "register", "--node", node, "--path", path.toString()));
    words.addAll(List.of("--freq", String.valueOf(seconds), "--wait", "--timeout", "60"));
    words.addAll(List.of(more));
    Result result = admin(words.toArray(String[]::new));
    assertThat(result.exit()).as(result.err()).isZero();
  }

  /**
   * All versions of a path, newest first; none when there is none yet. Asked for as {@code admin
   * history} does, without starting that each time: a test asks often.
   */
  Answer.Versions history(String node, Path path) throws Exception {
    try {
      return desk().versions(key(node, path), Integer.MAX_VALUE, "see the versions");
    } catch (AdminException e) {
      if (e.exit() == ExitCode.NOT_FOUND) {
        return new Answer.Versions(List.of(), false);
      }
      throw e;
    }
  }

  /** How the registrations stand, asked for as {@code admin list} does. */
  List<Answer.RegistrationLine> list() throws Exception {
    return desk().registrations("list the registrations");
  }

  private synchronized Desk desk() throws BrokerException {
    if (operator == null) {
      operator = connect();
    }
    return new Desk(operator.commands(), operator.replies(), ANSWER);
  }

  /** Waits until a path has so many versions. */
  void awaitVersions(String node, Path path, int many) {
    RegistrationKey key = key(node, path);
    awaitInBucket(bucket -> new VersionCatalog(bucket).serials(key).size() >= many);
  }

  /** Waits until a later round found that the newest version is what is there. */
  void awaitUnchanged(String node, Path path) {
    RegistrationKey key = key(node, path);
    awaitInBucket(bucket -> isUnchanged(bucket, key));
  }

  /** Something that is seen in the bucket. */
  private interface Look {
    boolean at(ArchiveStore bucket) throws IOException;
  }

  /**
   * Looks into the bucket itself. Asking by bin/admin each half second, as an operator would,
   * starts so many processes that the machine does little else.
   */
  private void awaitInBucket(Look look) {
    try (ArchiveStore bucket = bucket()) {
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(500))
          .ignoreException(StoreException.Unavailable.class)
          .until(() -> look.at(bucket));
    }
  }

  private static boolean isUnchanged(ArchiveStore bucket, RegistrationKey key) throws IOException {
    Optional<Status> status = new StatusBook(bucket).find(key);
    Optional<Serial> newest = new VersionCatalog(bucket).latest(key, null);
    Optional<VersionHeader> version =
        newest.isEmpty() ? Optional.empty() : new VersionCatalog(bucket).header(key, newest.get());
    return status.isPresent()
        && version.isPresent()
        && status.get().lastOutcome() == Status.Outcome.UNCHANGED
        && status.get().lastSlot().isAfter(version.get().slot());
  }

  private static RegistrationKey key(String node, Path path) {
    return new RegistrationKey(new NodeName(node), SourcePath.parse(path.toString()));
  }

  /** Waits until no job is open, and of what is not due every few seconds anyway none is due. */
  void awaitQuiet() {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(500))
        .until(
            () ->
                list().stream()
                    .allMatch(
                        line ->
                            line.openSince() == null && line.status() != null && !dueSoon(line)));
  }

  private static boolean dueSoon(Answer.RegistrationLine line) {
    return line.registration().schedule() instanceof Schedule.Every every
        && every.seconds() > 60
        && line.nextDue() != null
        && line.nextDue().isBefore(Instant.now().plusSeconds(30));
  }

  /**
   * Queries the latest version and takes it apart; what it holds lies below the folder returned, by
   * its absolute path.
   */
  Path restored(String node, Path path) throws Exception {
    Path target = Files.createTempDirectory(folder, "restored");
    run("tar", "-xpzf", queried(node, path).toString(), "-C", target.toString());
    return target;
  }

  /** Queries the latest version. */
  Path queried(String node, Path path) throws Exception {
    Path tgz = folder.resolve("restored " + node + started + ".tgz");
    query(node, path, tgz);
    return tgz;
  }

  /** The words of an admin command that queries the latest version into this file. */
  static String[] queryWords(String node, Path path, Path tgz, String... more) {
    List<String> words =
        new ArrayList<>(List.of("publish", "query", "--node", node, "--path", path.toString()));
    words.addAll(List.of("--save-to-file", tgz.toString()));
    words.addAll(List.of(more));
    return words.toArray(String[]::new);
  }

  /** Queries the latest version into this file. */
  void query(String node, Path path, Path tgz) throws Exception {
    Result result = admin(queryWords(node, path, tgz, "--timeout", "60"));
    assertThat(result.exit()).as(result.err()).isZero();
  }

  /**
   * Queries the latest version and holds it against what is there: names, contents, types, modes,
   * owners, times.
   */
  void assertRestorable(String node, Path path) throws Exception {
    Trees.assertEqual(Path.of(restored(node, path) + path.toString()), path);
  }

  /**
   * Restores a version as {@code RESTORE.md} in the bucket says, from a copy of the bucket, with
   * none of Resguardo's programs, and holds it against what is there.
   */
  void assertRestorableByTheGuide(String node, Path path) throws Exception {
    assertRestorableByTheGuide(node, path, Path.of("/dev/null"));
  }

  /**
   * The same, where it is encrypted.
   *
   * @param identity the file with the secret key
   */
  void assertRestorableByTheGuide(String node, Path path, Path identity) throws Exception {
    Trees.assertEqual(Path.of(guided(node, path, identity) + path.toString()), path);
  }

  /**
   * Restores a version as {@code RESTORE.md} says into a folder, which is returned.
   *
   * @param identity the file with the secret key
   */
  Path guided(String node, Path path, Path identity) throws Exception {
    VersionHeader version = history(node, path).versions().get(0);
    return new GuidedRestore(store, folder).run(version, identity);
  }

  /** The bucket itself. */
  ArchiveStore bucket() {
    return StoreUri.parse(store.fact("store_uri")).open(this::tls);
  }

  private Tls tls() {
    return common.containsKey("RESGUARDO_TLS_CA")
        ? Tls.of(
            new TlsFiles(
                Path.of(common.get("RESGUARDO_TLS_CA")),
                Path.of(common.get("RESGUARDO_TLS_CERT")),
                Path.of(common.get("RESGUARDO_TLS_KEY"))))
        : Tls.ofJava();
  }

  /** What a role prints, as a key of the store that can do that and no more. */
  String keyOf(String program, String options) throws Exception {
    String owner = store.fact("store_uri") + options;
    return StoreKeys.of(
        store, options, said(program, Map.of("RESGUARDO_STORE", owner), "--print-policy"));
  }

  /** Runs a program of the system. */
  static String run(String... words) throws Exception {
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s: %s", String.join(" ", words), said).isZero();
    return said;
  }

  /** As {@code kill -9}. */
  static void kill(Process process) throws Exception {
    process.destroyForcibly().waitFor();
  }

  /** As {@code kill -NAME}: {@code STOP} pauses a process, {@code CONT} has it go on. */
  static void signal(String name, Process process) throws Exception {
    int sent =
        new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor();
    assertThat(sent).isZero();
  }

  @Override
  public void close() throws Exception {
    if (operator != null) {
      operator.close();
    }
    for (Process process : processes) {
      process.destroyForcibly();
    }
    for (Process process : processes) {
      process.waitFor();
    }
    brokers.forEach(RealServer::close);
    store.close();
  }
}

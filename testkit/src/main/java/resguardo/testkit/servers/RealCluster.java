package resguardo.testkit.servers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Three nodes of RabbitMQ that are one broker, on loopback; any two of them are enough. */
public final class RealCluster implements AutoCloseable {
  private static final int NODES = 3;

  private final List<RealServer> nodes = new ArrayList<>();

  private RealCluster() {}

  /** Starts them, each with a folder of its own in this one. */
  public static RealCluster rabbitmq(Path folder) {
    RealCluster cluster = new RealCluster();
    try {
      cluster.nodes.add(RealServer.rabbitmq(folder.resolve("rabbitmq-1")));
      for (int i = 2; i <= NODES; i++) {
        cluster.nodes.add(
            RealServer.rabbitmq(folder.resolve("rabbitmq-" + i), cluster.nodes.get(0)));
      }
      return cluster;
    } catch (RuntimeException | Error e) {
      cluster.close();
      throw e;
    }
  }

  /** Each of them, to be killed and started again. */
  public List<RealServer> nodes() {
    return List.copyOf(nodes);
  }

  /** The addresses of all, with commas between them. */
  public String uris() {
    return nodes.stream().map(node -> node.fact("amqp_uri")).collect(Collectors.joining(","));
  }

  @Override
  public void close() {
    nodes.forEach(RealServer::close);
  }
}

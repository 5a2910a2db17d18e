package resguardo.infra.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoredObject;

/** How much a store lets go on at once. */
class S3AtOnceTest {
  private static final int THREADS = 64;

  @Test
  void whatManyThreadsAskIsAskedAtOnce() throws Exception {
    CountDownLatch missing = new CountDownLatch(THREADS);
    ExecutorService threads = Executors.newCachedThreadPool();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), THREADS);
    server.setExecutor(threads);
    server.createContext(
        "/",
        request -> {
          missing.countDown();
          try {
            missing.await(20, TimeUnit.SECONDS); // where they do not all come, it is seen below
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          request.sendResponseHeaders(404, -1);
          request.close();
        });
    server.start();
    try (ArchiveStore store =
        StoreUri.parse(
                "s3://key:secret12@127.0.0.1:"
                    + server.getAddress().getPort()
                    + "/bucket?tls=false")
            .open()) {
      List<Future<Optional<StoredObject>>> asked = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        ObjectKey key = new ObjectKey("archives/" + i);
        asked.add(threads.submit(() -> store.head(key)));
      }
      asked.get(0).get();
      long didNotCome = missing.getCount();
      while (missing.getCount() > 0) {
        missing.countDown(); // so that what waits ends
      }
      assertThat(didNotCome).isZero();
      for (Future<Optional<StoredObject>> one : asked) {
        assertThat(one.get()).isEmpty();
      }
    } finally {
      server.stop(0);
      threads.shutdownNow();
    }
  }
}

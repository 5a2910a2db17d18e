package resguardo.worker;

import java.util.concurrent.ExecutorService;
import resguardo.core.catalog.BucketLayout;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.infra.runtime.RunningProcess;

/** Whether a worker's key of the store may do what no worker needs. */
final class KeyCheck {
  private static final ObjectKey NONE = new ObjectKey(BucketLayout.MANIFESTS + ".checkup/none");

  private KeyCheck() {}

  /** Looks, on a thread of its own: a store that does not answer keeps no worker from starting. */
  static void begin(ArchiveStore store, RunningProcess process) {
    ExecutorService thread = process.platform().pool("looks at its key", 1);
    thread.execute(
        () -> {
          if (removesVersions(store)) {
            process.concerns(
                "its key of the store may remove versions, which no worker needs: see --print-policy");
          }
        });
    thread.shutdown();
  }

  /**
   * Whether it may remove manifests: it is tried at one that is not there. That is no mistake, as
   * everything works so; but whoever gets hold of the key could remove all versions.
   */
  static boolean removesVersions(ArchiveStore store) {
    try {
      store.delete(NONE);
      return true;
    } catch (StoreException refusedOrAway) {
      return false;
    }
  }
}

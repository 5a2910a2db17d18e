package resguardo.testkit.store;

import resguardo.core.port.ArchiveStore;

final class MemoryArchiveStoreTest extends ArchiveStoreContract {
  private final MemoryArchiveStore store = new MemoryArchiveStore();

  @Override
  protected ArchiveStore open() {
    return store;
  }
}

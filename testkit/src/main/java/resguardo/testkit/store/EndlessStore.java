package resguardo.testkit.store;

import java.io.InputStream;
import java.util.concurrent.atomic.AtomicLong;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;

/**
 * A store one of whose objects does not end, whatever its size is said to be and however much of it
 * was asked for. It counts what is taken of it.
 */
public final class EndlessStore extends ForwardingStore {
  private final ObjectKey endless;
  private final AtomicLong taken = new AtomicLong();

  /**
   * Over a store.
   *
   * @param endless is there as the store below says
   */
  public EndlessStore(ArchiveStore store, ObjectKey endless) {
    super(store);
    this.endless = endless;
  }

  /** How many bytes of that object were read. */
  public long taken() {
    return taken.get();
  }

  @Override
  public InputStream read(ObjectKey key, long offset, long length) throws StoreException {
    return key.equals(endless) ? new Spaces() : super.read(key, offset, length);
  }

  /** What any reader of JSON reads on and on. */
  private final class Spaces extends InputStream {
    @Override
    public int read() {
      taken.incrementAndGet();
      return ' ';
    }
  }
}

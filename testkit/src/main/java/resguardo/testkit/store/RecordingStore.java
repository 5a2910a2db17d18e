package resguardo.testkit.store;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import resguardo.core.port.ArchiveStore;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;

/** A store that notes what is read of another. */
public final class RecordingStore extends ForwardingStore {
  private final List<Range> ranges = new ArrayList<>();

  /** Over this store. */
  public RecordingStore(ArchiveStore store) {
    super(store);
  }

  /** What was asked for by one read, and how many bytes of it were taken. */
  public static final class Range {
    private final ObjectKey key;
    private final long offset;
    private final long length;
    private long taken;

    private Range(ObjectKey key, long offset, long length) {
      this.key = key;
      this.offset = offset;
      this.length = length;
    }

    /** Of which object. */
    public ObjectKey key() {
      return key;
    }

    /** From where, in bytes. */
    public long offset() {
      return offset;
    }

    /** How many bytes were asked for. */
    public long length() {
      return length;
    }

    /** How many bytes were taken. */
    public long taken() {
      return taken;
    }

    @Override
    public String toString() {
      return key + " " + offset + "+" + length + " of which " + taken;
    }
  }

  /** The reads of objects whose keys begin so, in their order. */
  public synchronized List<Range> reads(String prefix) {
    return ranges.stream().filter(range -> range.key().value().startsWith(prefix)).toList();
  }

  @Override
  public InputStream read(ObjectKey key, long offset, long length) throws StoreException {
    Range range = new Range(key, offset, length);
    synchronized (this) {
      ranges.add(range);
    }
    return new FilterInputStream(super.read(key, offset, length)) {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] bytes, int from, int most) throws IOException {
        int read = super.read(bytes, from, most);
        range.taken += Math.max(0, read);
        return read;
      }
    };
  }
}

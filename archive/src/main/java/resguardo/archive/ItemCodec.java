package resguardo.archive;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import resguardo.core.RawPath;
import resguardo.core.version.Entry;

/** An entry of {@link LastItems} as bytes, which only the process reads that wrote them. */
final class ItemCodec {
  private static final Entry.Device NO_DEVICE = new Entry.Device(0, 0);

  private ItemCodec() {}

  static byte[] written(TarReader.Item item, Inode made) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeLong(made.device());
    out.writeLong(made.number());
    out.writeChar(item.type());
    out.writeInt(item.mode());
    out.writeLong(item.uid());
    out.writeLong(item.gid());
    out.writeLong(item.mtimeSeconds());
    out.writeInt(item.mtimeNanos());
    write(out, item.name().bytes());
    write(out, item.link().bytes());
    out.writeInt(item.attributes().size());
    for (Map.Entry<RawPath, byte[]> one : item.attributes().entrySet()) {
      write(out, one.getKey().bytes());
      write(out, one.getValue());
    }
    return bytes.toByteArray();
  }

  private static void write(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  /** Reads one that lies in a block. */
  static void read(byte[] block, int at, int length, LastItems.Taker taker) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(block, at, length));
    Inode made = new Inode(in.readLong(), in.readLong());
    char type = in.readChar();
    int mode = in.readInt();
    long uid = in.readLong();
    long gid = in.readLong();
    long seconds = in.readLong();
    int nanos = in.readInt();
    RawPath name = path(in);
    RawPath link = path(in);
    SortedMap<RawPath, byte[]> attributes = new TreeMap<>();
    for (int left = in.readInt(); left > 0; left--) {
      attributes.put(path(in), bytes(in));
    }
    taker.take(
        new TarReader.Item(
            name, type, mode, uid, gid, seconds, nanos, 0, null, link, NO_DEVICE, attributes),
        made);
  }

  private static RawPath path(DataInputStream in) throws IOException {
    return RawPath.ofBytes(bytes(in));
  }

  private static byte[] bytes(DataInputStream in) throws IOException {
    byte[] bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return bytes;
  }
}

package resguardo.archive;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Entries that a restore finishes only when all others are there, in the order in which they came:
 * however many they are, and however long their names, no more than a block of them is in memory.
 * Further blocks lie packed in a {@link ScratchFile}. For one thread.
 */
final class LastItems implements AutoCloseable {
  /** In bytes, as long as no entry is larger; few sets have more folders, or links, than fit. */
  static final int BLOCK = 1024 * 1024;

  private static final int BUFFER = 64 * 1024;

  /**
   * A block in the file.
   *
   * @param at where it begins
   * @param length in bytes when it is unpacked
   */
  private record Packed(long at, int length) {}

  /** Is given them one by one. */
  interface Taker {
    /** One, with what {@link #add} was given. */
    void take(TarReader.Item item, Inode made) throws IOException;
  }

  private final Path folder;

  /** Some bytes for each block, whose number is that of the MiB of names that there are. */
  private final List<Packed> packed = new ArrayList<>();

  private ByteArrayOutputStream block = new ByteArrayOutputStream();
  private @Nullable RandomAccessFile file;
  private final long bound;
  private long most;

  /**
   * @param folder where a file is made, if one is needed
   */
  LastItems(Path folder) {
    this(folder, Long.MAX_VALUE);
  }

  /**
   * @param bound how large the file may grow, in bytes; never more than half of what is free when
   *     it is made
   */
  LastItems(Path folder, long bound) {
    this.folder = folder;
    this.bound = bound;
  }

  /** Where temporary files of this process lie. */
  static LastItems ofThisProcess() {
    return new LastItems(Path.of(System.getProperty("java.io.tmpdir", "/tmp")));
  }

  /** How many bytes of entries are in memory. */
  int inMemory() {
    return block.size();
  }

  /**
   * Adds the next. Of what only files and devices have nothing is kept.
   *
   * @throws IOException when there is no room for it
   */
  void add(TarReader.Item item, Inode made) throws IOException {
    byte[] record = ItemCodec.written(item, made);
    if (block.size() > 0 && block.size() + record.length > BLOCK) {
      pack();
    }
    byte[] length = ByteBuffer.allocate(Integer.BYTES).putInt(record.length).array();
    block.writeBytes(length);
    block.writeBytes(record);
    block.writeBytes(length); // for whoever comes from the end
  }

  private void pack() throws IOException {
    Deflater fast = new Deflater(Deflater.BEST_SPEED);
    try {
      RandomAccessFile to = file;
      if (to == null) {
        to = ScratchFile.open(folder);
        file = to;
        most = Math.min(bound, ScratchFile.most(folder));
      }
      if (to.getFilePointer() > most - block.size()) { // packed it is hardly ever larger
        throw new IOException("they take more than " + most + " bytes");
      }
      packed.add(new Packed(to.getFilePointer(), block.size()));
      DeflaterOutputStream out =
          new DeflaterOutputStream(new FileOutputStream(to.getFD()), fast, BUFFER);
      block.writeTo(out);
      out.finish();
    } catch (IOException e) {
      throw new IOException(
          "folders and links, which are finished last, are not kept in " + folder + ": " + e, e);
    } finally {
      fast.end();
    }
    block = new ByteArrayOutputStream();
  }

  /** Gives all, the first first. Nothing can be added after it. */
  void forwards(Taker taker) throws IOException {
    for (Packed one : packed) {
      forwards(unpacked(one), taker);
    }
    forwards(block.toByteArray(), taker);
  }

  /** Gives all, the last first. Nothing can be added after it. */
  void backwards(Taker taker) throws IOException {
    backwards(block.toByteArray(), taker);
    for (int i = packed.size() - 1; i >= 0; i--) {
      backwards(unpacked(packed.get(i)), taker);
    }
  }

  private static void forwards(byte[] records, Taker taker) throws IOException {
    for (int at = 0; at < records.length; ) {
      int length = ByteBuffer.wrap(records).getInt(at);
      ItemCodec.read(records, at + Integer.BYTES, length, taker);
      at += length + 2 * Integer.BYTES;
    }
  }

  private static void backwards(byte[] records, Taker taker) throws IOException {
    for (int end = records.length; end > 0; ) {
      int length = ByteBuffer.wrap(records).getInt(end - Integer.BYTES);
      ItemCodec.read(records, end - Integer.BYTES - length, length, taker);
      end -= length + 2 * Integer.BYTES;
    }
  }

  private byte[] unpacked(Packed one) throws IOException {
    if (file == null) {
      throw new IllegalStateException("packed without a file");
    }
    Inflater inflater = new Inflater();
    try {
      file.seek(one.at());
      byte[] records = new byte[one.length()];
      InflaterInputStream in =
          new InflaterInputStream(new FileInputStream(file.getFD()), inflater, BUFFER);
      new DataInputStream(in).readFully(records);
      return records;
    } finally {
      inflater.end();
    }
  }

  @Override
  public void close() throws IOException {
    block = new ByteArrayOutputStream();
    if (file != null) {
      file.close();
    }
  }
}

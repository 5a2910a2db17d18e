package resguardo.archive;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import resguardo.archive.VectorVersions.Item;
import resguardo.core.RawPath;
import resguardo.core.Sha256;
import resguardo.core.protocol.Json;
import resguardo.core.version.Entry;
import resguardo.core.version.Extent;

/** What the test vectors hold. A new kind of thing in the format is a new one here. */
final class VectorSets {
  private static final long TIME = 1_700_000_000;

  /** The secret key lies beside the vectors. */
  private static final String RECIPIENT =
      "age1aaunkj0nuat563suzpwz9fwxdczjnuuxmgwdup6ar78h3z373g6qgmrk6s";

  private VectorSets() {}

  /**
   * A vector.
   *
   * @param first whether the first version is one whole archive; all others are deltas
   * @param merged whether in the end all archives are merged into one, and only the last version
   *     stays
   * @param deflater that makes all members
   */
  record VectorSet(
      boolean first, boolean merged, MemberDeflater deflater, List<List<Item>> versions) {
    VectorSet(boolean first, List<List<Item>> versions) {
      this(first, false, new JdkDeflater(1), versions);
    }

    VectorVersions make(String name, ExecutorService threads, Path spool) throws Exception {
      return make(name, deflater, threads, spool);
    }

    VectorVersions make(String name, MemberDeflater by, ExecutorService threads, Path spool)
        throws Exception {
      VectorVersions made = new VectorVersions(name, by, threads, spool);
      for (int i = 0; i < versions.size(); i++) {
        made.add(versions.get(i), first && i == 0);
      }
      if (merged) {
        made.merge();
      }
      return made;
    }

    /** What is to be there once a version is restored, a line each. */
    byte[] expected(int serial) {
      StringBuilder out = new StringBuilder();
      versions.get(serial - 1).stream()
          .sorted(Comparator.comparing(item -> item.entry().name()))
          .map(Expected::of)
          .filter(java.util.Objects::nonNull)
          .forEach(
              line ->
                  out.append(new String(Json.write(line), StandardCharsets.UTF_8)).append('\n'));
      return out.toString().getBytes(StandardCharsets.UTF_8);
    }
  }

  /** A line for {@code check.py}: names as text or {@code %:} and bytes, as in the format. */
  record Expected(
      RawPath name,
      Entry.Type type,
      int mode,
      long uid,
      long gid,
      long seconds,
      int nanos,
      long size,
      @Nullable String sha256,
      @Nullable RawPath link,
      @Nullable Map<String, String> attributes,
      @Nullable Boolean sparse) {
    static @Nullable Expected of(Item item) {
      Entry entry = item.entry();
      if (entry.type() == Entry.Type.SOCKET || entry.warning() != null) {
        return null; // not in any archive
      }
      boolean file = entry.type() == Entry.Type.FILE;
      return new Expected(
          entry.name(),
          entry.type(),
          entry.mode(),
          entry.uid(),
          entry.gid(),
          entry.mtimeSeconds(),
          entry.mtimeNanos(),
          entry.size(),
          file ? Sha256.of(full(item)).hex() : null,
          entry.link(),
          entry.attributes(),
          entry.data() == null ? null : Boolean.TRUE);
    }

    private static byte[] full(Item item) {
      List<Extent> data = item.entry().data();
      if (data == null) {
        return item.content();
      }
      byte[] all = new byte[Math.toIntExact(item.entry().size())];
      int from = 0;
      for (Extent extent : data) {
        System.arraycopy(item.content(), from, all, (int) extent.offset(), (int) extent.length());
        from += (int) extent.length();
      }
      return all;
    }
  }

  /** All of them, by name. */
  static Map<String, VectorSet> all() {
    Map<String, VectorSet> all = new LinkedHashMap<>();
    all.put("whole", new VectorSet(true, List.of(everyKind())));
    all.put("deltas", new VectorSet(true, deltas()));
    all.put("delta-first", new VectorSet(false, List.of(everyKind())));
    all.put("merged", new VectorSet(true, true, new JdkDeflater(1), deltas()));
    all.put("attributes-and-holes", new VectorSet(true, attributesAndHoles()));
    all.put("zstd", new VectorSet(true, false, new ZstdDeflater(3), deltas()));
    all.put(
        "encrypted",
        new VectorSet(
            true, false, EncryptingDeflater.to(List.of(RECIPIENT), new JdkDeflater(1)), deltas()));
    return all;
  }

  static Item folder(String name) {
    return new Item(entry(raw(name), Entry.Type.FOLDER, 0755, TIME, 1, 0, null), new byte[0]);
  }

  static Item file(String name, byte[] content) {
    return new Item(
        entry(raw(name), Entry.Type.FILE, 0640, TIME, 123_456_789, content.length, null), content);
  }

  private static RawPath raw(String latin1) {
    return RawPath.ofBytes(latin1.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static Entry entry(
      RawPath name,
      Entry.Type type,
      int mode,
      long seconds,
      int nanos,
      long size,
      @Nullable RawPath link) {
    return new Entry(
        name,
        type,
        mode,
        1234,
        5678,
        "nobody-here",
        null,
        seconds,
        nanos,
        size,
        null,
        link,
        null,
        null);
  }

  /** Words that shrink to about a third, the same for the same seed. */
  static byte[] text(int length, int seed) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder();
    while (text.length() < length) {
      text.append("w").append(Integer.toHexString(random.nextInt(4096))).append(' ');
    }
    return Arrays.copyOf(text.toString().getBytes(StandardCharsets.US_ASCII), length);
  }

  private static byte[] noise(int length, int seed) {
    byte[] noise = new byte[length];
    new Random(seed).nextBytes(noise);
    return noise;
  }

  private static List<Item> everyKind() {
    List<Item> items = new ArrayList<>();
    items.add(folder("v"));
    items.add(file("v/plain", text(3_000, 1)));
    items.add(file("v/empty", new byte[0]));
    items.add(file("v/of one byte", new byte[] {'x'}));
    items.add(file("v/512 bytes", text(512, 2)));
    items.add(file("v/not compressible", noise(5_000, 3)));
    items.add(file("v/" + "long-name-".repeat(20), text(100, 4)));
    items.add(file("v/-leading", text(10, 5)));
    items.add(file("v/new\nline\ttab\\", text(10, 6)));
    items.add(file("v/no text \u00ff\u00fe", text(10, 7)));
    items.add(file("v/text \u00c3\u00a9", text(10, 8)));
    items.add(file("v/%:looks encoded", text(10, 9)));
    items.add(folder("v/a"));
    items.add(folder("v/a!"));
    items.add(file("v/a!/after what is in a", text(10, 10)));
    items.add(file("v/a/before what is in a!", text(10, 11)));
    items.add(link("v/symlink", Entry.Type.SYMLINK, "../dangling"));
    items.add(link("v/symlink to \u00ff", Entry.Type.SYMLINK, "to \u00ff"));
    items.add(link("v/long symlink", Entry.Type.SYMLINK, "x/".repeat(80)));
    items.add(link("v/second name", Entry.Type.HARD_LINK, "v/plain"));
    items.add(link("v/fifo", Entry.Type.FIFO, null));
    items.add(link("v/socket", Entry.Type.SOCKET, null));
    items.add(unreadable("v/unreadable"));
    items.add(timed("v/before 1970", -1, 500_000_000));
    items.add(timed("v/long before 1970", -86_400, 0));
    items.add(timed("v/after 2106", 5_000_000_000L, 7));
    items.add(setuid("v/setuid, owned by many digits"));
    items.add(file("v/large", text(700_000, 12)));
    items.add(file("v/of a block", text(256 * 1024, 13)));
    items.add(file("v/of a block and one", text(256 * 1024 + 1, 14)));
    return items;
  }

  private static Item link(String name, Entry.Type type, @Nullable String to) {
    return new Item(
        entry(raw(name), type, 0777, TIME, 0, 0, to == null ? null : raw(to)), new byte[0]);
  }

  private static Item unreadable(String name) {
    Entry entry = entry(raw(name), Entry.Type.FILE, 0, TIME, 0, 10, null);
    return new Item(entry.read(null, Entry.Warning.UNREADABLE), new byte[0]);
  }

  private static Item timed(String name, long seconds, int nanos) {
    return new Item(
        entry(raw(name), Entry.Type.FILE, 0600, seconds, nanos, 1, null), new byte[] {'t'});
  }

  private static Item setuid(String name) {
    Entry entry =
        new Entry(
            raw(name),
            Entry.Type.FILE,
            06755,
            3_000_000_000L,
            2_097_152,
            "longer-than-the-field-of-a-tar-header-has",
            "na\u00efve",
            TIME,
            0,
            2,
            null,
            null,
            null,
            null);
    return new Item(entry, new byte[] {'s', 'u'});
  }

  /** The same with these. */
  private static Item with(
      Item item,
      @Nullable SortedMap<String, String> attributes,
      @Nullable List<Extent> data,
      long size) {
    Entry e = item.entry();
    return new Item(
        new Entry(
            e.name(),
            e.type(),
            e.mode(),
            e.uid(),
            e.gid(),
            e.user(),
            e.group(),
            e.mtimeSeconds(),
            e.mtimeNanos(),
            size,
            null,
            e.link(),
            null,
            null,
            attributes,
            data),
        item.content());
  }

  private static List<List<Item>> attributesAndHoles() {
    // user::rw-,user:1000:r--,group::r--,mask::r--,other::---
    String acl = "AgAAAAEABgD/////AgAEAOgDAAAEAAQA/////xAABAD/////IAAAAP////8=";
    SortedMap<String, String> attributes =
        new TreeMap<>(
            Map.of(
                "user.text",
                "dmFsdWU=",
                "user.binary",
                "AAo9/w==",
                "user.empty",
                "",
                "system.posix_acl_access",
                acl));
    SortedMap<String, String> ofFolder = new TreeMap<>(Map.of("system.posix_acl_default", acl));
    List<Item> first = new ArrayList<>();
    first.add(folder("v"));
    first.add(with(folder("v/gives"), ofFolder, null, 0));
    first.add(with(file("v/attributes", text(100, 1)), attributes, null, 100));
    first.add(with(file("v/all hole", new byte[0]), null, List.of(), 1_000_000));
    List<Extent> ends = List.of(new Extent(0, 5_120), new Extent(900_096, 6_904));
    first.add(with(file("v/data at both ends", noise(12_024, 2)), null, ends, 907_000));
    List<Extent> large = List.of(new Extent(65_536, 400_384), new Extent(2_000_384, 300_032));
    first.add(with(file("v/large", text(700_416, 3)), null, large, 5_000_000));
    List<Item> second = without(first, "v/all hole", "v/attributes");
    second.add(with(file("v/attributes", text(100, 1)), null, null, 100));
    second.add(
        with(file("v/all hole", text(64, 4)), null, List.of(new Extent(999_936, 64)), 1_000_000));
    return List.of(first, second);
  }

  private static List<List<Item>> deltas() {
    byte[] large = text(900_000, 20);
    List<Item> first = new ArrayList<>();
    first.add(folder("v"));
    for (int i = 0; i < 40; i++) {
      first.add(file("v/f" + i, text(2_000 + i * 100, 100 + i)));
    }
    first.add(file("v/large", large));
    List<Item> second = without(first, "v/f7", "v/f3", "v/f5", "v/large");
    second.add(file("v/f3", text(2_500, 203)));
    second.add(file("v/renamed", text(2_700, 107)));
    second.add(metadata(file("v/f5", text(2_500, 105))));
    byte[] grown = Arrays.copyOf(large, large.length + 10_000);
    System.arraycopy(text(10_000, 21), 0, grown, large.length, 10_000);
    grown[10] ^= 1;
    second.add(file("v/large", grown));
    List<Item> third = without(second, "v/f10", "v/large", "v/f3");
    third.add(metadata(file("v/large", grown)));
    third.add(file("v/f3", text(2_500, 303)));
    third.add(link("v/f10", Entry.Type.SYMLINK, "f11"));
    return List.of(first, second, third);
  }

  private static List<Item> without(List<Item> items, String... names) {
    List<String> gone = List.of(names);
    return new ArrayList<>(
        items.stream().filter(item -> !gone.contains(item.entry().name().text())).toList());
  }

  /** The same file with other permissions. */
  private static Item metadata(Item item) {
    Entry e = item.entry();
    return new Item(entry(e.name(), e.type(), 0400, TIME + 60, 0, e.size(), null), item.content());
  }
}

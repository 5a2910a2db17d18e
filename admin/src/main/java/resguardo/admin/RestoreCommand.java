package resguardo.admin;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import resguardo.archive.AgeIdentities;
import resguardo.core.Role;
import resguardo.core.Texts;
import resguardo.core.protocol.Command.Query;
import resguardo.core.protocol.Command.Restore;
import resguardo.core.protocol.QueryJob;
import resguardo.core.protocol.RestoreTarget;
import resguardo.core.protocol.StreamMessage;
import resguardo.infra.rabbit.RabbitBroker;

/** A version back as files. */
@Command(
    name = "restore",
    description =
        "Restores a version, the latest unless another is asked for, into a folder of this machine or of a node.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  admin restore --node alpha --path /srv/data --to ./here",
      "  admin restore --node alpha --path /srv --at yesterday --entry \"**/a.md\" --to .",
      "  admin restore --node alpha --path /srv --version 7 --entry reports --to ./here",
      "  admin restore --node alpha --path /srv/data --to-node beta:/srv/back/monday",
      "  admin restore --node alpha --path /srv/keys --identity key.txt --to ./here"
    })
final class RestoreCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Mixin private OnPath of = new OnPath();

  @Mixin private WhichVersion which = new WhichVersion();

  @Mixin private WhichEntries entries = new WhichEntries();

  @Mixin private IdentityFile identity = new IdentityFile();

  @ArgGroup(exclusive = true, multiplicity = "1")
  private Where where = new Where();

  /** One of them. */
  static final class Where {
    @Option(
        names = "--to",
        required = true,
        paramLabel = "DIR",
        description =
            "Where to: files go below it under their absolute path. Made if it is not there.")
    private @Nullable Path here;

    @Option(
        names = "--to-node",
        required = true,
        paramLabel = "NODE:DIR",
        description =
            "The same on a node, through its agent, which has to allow it (bin/agent --restore-to).")
    private @Nullable NodeFolder there;
  }

  @Option(
      names = "--overwrite",
      description = "Restore into a folder that is not empty; files of the same name are replaced.")
  private boolean overwrite;

  @Option(names = "--json", description = "As one line of JSON: a message of type restored.")
  private boolean json;

  /** How it ended. */
  record Done(StreamMessage.QueryOpened opened, StreamMessage.Restored restored) {}

  @Override
  public Integer call() throws Exception {
    String doing = "restore " + of;
    AgeIdentities keys = identity.read(doing);
    if (where.there != null) {
      tell(there(doing, where.there, keys), where.there.toString());
    } else if (where.here != null) {
      tell(here(doing, where.here, keys), where.here.toString());
    }
    return ExitCode.DONE.number();
  }

  private Done here(String doing, Path folder, @Nullable AgeIdentities keys) throws Exception {
    try (Bar bar = new Bar("restore")) {
      RestoreHere restore = new RestoreHere(doing, of.path().memberName(), folder, this::warn, bar);
      restore.prepare(overwrite);
      return here(doing, restore, keys);
    }
  }

  private Done here(String doing, RestoreHere restore, @Nullable AgeIdentities keys)
      throws Exception {
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing)) {
      return restore.run(
          ArchiveSource.of(
              session.query(broker, doing), this::question, QueryJob.Packing.AS_STORED, keys));
    }
  }

  private Desk.Question question(QueryJob.What what, QueryJob.Packing packing) {
    return replyTo ->
        new Query(of.node(), of.path(), which.choice(), what, entries.asked(), packing, replyTo);
  }

  private Done there(String doing, NodeFolder folder, @Nullable AgeIdentities keys)
      throws Exception {
    if (keys != null) {
      throw new AdminException(
          ExitCode.USAGE,
          "Failed to " + doing + ": a key stays on this machine, and nothing is opened on a node.",
          "Restore with --to.");
    }
    RestoreTarget to = new RestoreTarget(folder.node(), folder.folder(), overwrite);
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing);
        Bar bar = new Bar("restore")) {
      VersionQuery query = session.query(broker, doing);
      VersionQuery.Served served =
          query.run(
              replyTo ->
                  new Restore(of.node(), of.path(), which.choice(), entries.asked(), to, replyTo),
              new RestoreThere(bar));
      if (served.end() instanceof StreamMessage.Restored restored) {
        warn(restored);
        return new Done(served.opened(), restored);
      }
      throw query.notServed(served.end());
    }
  }

  /** What comes of a restore on a node: how far it is. */
  private record RestoreThere(Bar bar) implements VersionQuery.Sink {
    @Override
    public void take(resguardo.core.stream.ChunkReceiver.Data data) {
      // nothing is sent here
    }

    @Override
    public void opened(StreamMessage.QueryOpened opened) {
      bar.ofContent(opened);
    }

    @Override
    public void progress(StreamMessage.Progress progress) {
      bar.at(progress.bytes());
    }
  }

  private void warn(String what) {
    spec.commandLine().getErr().println(Texts.whole(what));
  }

  private void warn(StreamMessage.Restored restored) {
    restored.warnings().forEach(this::warn);
    if (restored.more() > 0) {
      spec.commandLine().getErr().println("… and " + restored.more() + " more");
    }
  }

  private void tell(Done done, String to) {
    PrintWriter out = spec.commandLine().getOut();
    StreamMessage.Restored restored = done.restored();
    Says.suspicious(spec.commandLine().getErr(), done.opened().header());
    if (json) {
      Says.json(out, restored);
      return;
    }
    out.printf(
        "restored version %s of %s to %s (%d files, %s)%n",
        done.opened().header().serial(), of, to, restored.files(), Listing.size(restored.bytes()));
  }
}

package resguardo.admin;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import resguardo.archive.AgeIdentities;
import resguardo.core.Role;
import resguardo.core.Texts;
import resguardo.core.protocol.Command.Query;
import resguardo.core.protocol.QueryJob;
import resguardo.core.protocol.StreamMessage;
import resguardo.core.stream.ChunkReceiver;
import resguardo.core.version.VersionHeader;
import resguardo.infra.rabbit.RabbitBroker;

/** Whether a version can be restored. */
@Command(
    name = "verify",
    description =
        "Looks whether a version can be restored: its manifest adds up and its archives are there; with --read, that every byte is"
            + " what was stored.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  admin verify --node alpha --path /srv/data --read",
      "  admin verify --node alpha --path /srv/data --version 7 --read --json",
      "  admin verify --node alpha --path /srv/keys --read --identity key.txt"
    })
final class VerifyCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by the command line
  private CommandSpec spec;

  @Mixin private Session session = new Session();

  @Mixin private OnPath of = new OnPath();

  @Mixin private WhichVersion which = new WhichVersion();

  @Mixin private IdentityFile identity = new IdentityFile();

  @Option(
      names = "--read",
      description =
          "Read all content, and compare it with its digests; of what is encrypted, without --identity, the archives.")
  private boolean read;

  @Option(names = "--json", description = "As one line of JSON: a message of type verified.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    String doing = "verify " + of;
    AgeIdentities keys = identity.read(doing);
    try (RabbitBroker broker = session.connect(Role.ADMIN, doing);
        Bar bar = new Bar("verify")) {
      VersionQuery query = session.query(broker, doing);
      boolean byWorker = read && keys == null;
      VersionQuery.Served served =
          query.run(question(byWorker ? QueryJob.What.READ : QueryJob.What.CHECK), new Read(bar));
      if (!(served.end() instanceof StreamMessage.Verified verified)) {
        throw query.notServed(served.end());
      }
      VersionHeader header = served.opened().header();
      boolean content = byWorker && header.recipients().isEmpty();
      if (keys != null && verified.problems().isEmpty()) {
        verified = opened(session.query(broker, doing), keys);
        content = true;
      }
      bar.close();
      tell(header, verified, content);
      return verified.problems().isEmpty() ? ExitCode.DONE.number() : ExitCode.FAILED.number();
    }
  }

  /** What the worker says of how far it is. */
  private record Read(Bar bar) implements VersionQuery.Sink {
    @Override
    public void opened(StreamMessage.QueryOpened opened) {
      if (opened.header().recipients().isEmpty()) {
        bar.ofContent(opened);
      } else {
        bar.opened(opened); // archives are read
      }
    }

    @Override
    public void progress(StreamMessage.Progress progress) {
      bar.at(progress.bytes());
    }

    @Override
    public void take(ChunkReceiver.Data data) {
      // nothing is sent
    }
  }

  private Desk.Question question(QueryJob.What what) {
    return replyTo ->
        new Query(of.node(), of.path(), which.choice(), what, null, QueryJob.Packing.GZIP, replyTo);
  }

  private StreamMessage.Verified opened(VersionQuery query, AgeIdentities keys)
      throws AdminException, IOException, InterruptedException {
    ContentOfVersion content = new ContentOfVersion();
    new MemberStream(query, keys)
        .run(question(QueryJob.What.MEMBERS), (header, members) -> content.read(members));
    return content.verified();
  }

  private void tell(VersionHeader header, StreamMessage.Verified verified, boolean content) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      Says.json(out, verified);
      return;
    }
    verified.problems().forEach(problem -> out.println(Texts.whole(problem)));
    if (verified.more() > 0) {
      out.println("… and " + verified.more() + " more");
    }
    out.printf(
        "version %s of %s %s (%s)%n",
        header.serial().text(), of, verdict(verified, content), seen(verified, content));
    if (read && !content) {
      out.println("Its content is encrypted and was not looked into: that needs --identity FILE.");
    }
  }

  private String verdict(StreamMessage.Verified verified, boolean content) {
    if (!verified.problems().isEmpty()) {
      return "is DAMAGED";
    } else if (content) {
      return "is whole";
    }
    return read ? "has all its archives as they were stored" : "has all its archives";
  }

  private String seen(StreamMessage.Verified verified, boolean content) {
    String entries = verified.entries() + " entries";
    if (!content && !read) {
      return entries;
    }
    String of = content ? " of content read" : " of archives read";
    return entries + ", " + Listing.size(verified.bytes()) + of;
  }
}

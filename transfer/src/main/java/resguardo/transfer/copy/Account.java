package resguardo.transfer.copy;

import java.util.function.Consumer;

/** Counts what a round does, and tells what people should know. For one thread. */
final class Account {
  private final Consumer<String> told;
  private long versions;
  private long archives;
  private long bytes;
  private long notes;
  private long marked;
  private long pruned;
  private long problems;

  Account(Consumer<String> told) {
    this.told = told;
  }

  void version() {
    versions++;
  }

  void archive(long size) {
    archives++;
    bytes += size;
  }

  void note() {
    notes++;
  }

  void marked() {
    marked++;
  }

  void pruned() {
    pruned++;
  }

  void tell(String what) {
    told.accept(what);
  }

  /** Tells what could not be done: the round goes on, and has failed. */
  void problem(String what) {
    problems++;
    told.accept(what);
  }

  long problems() {
    return problems;
  }

  ExportSummary summary() {
    return new ExportSummary(versions, archives, bytes, notes, marked, pruned, problems);
  }
}

package resguardo.transfer.copy;

import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import resguardo.core.port.Platform;

/**
 * Counts what a round does, and tells what people should know. For one thread, but for {@link
 * #note}, {@link #problem}, {@link #add} and {@link #tell}: who works beside others has an account
 * of its own, that is added in the end.
 */
final class Account {
  private final Consumer<String> told;
  private final Lock lock;
  private long versions;
  private long archives;
  private long bytes;
  private long notes;
  private long marked;
  private long pruned;
  private long problems;

  /**
   * @param told hears one at a time
   */
  Account(Platform platform, Consumer<String> told) {
    this.told = told;
    this.lock = platform.newLock();
  }

  void version() {
    versions++;
  }

  void archive(long size) {
    archives++;
    bytes += size;
  }

  void note() {
    lock.lock();
    try {
      notes++;
    } finally {
      lock.unlock();
    }
  }

  void marked() {
    marked++;
  }

  void pruned() {
    pruned++;
  }

  void tell(String what) {
    lock.lock();
    try {
      told.accept(what);
    } finally {
      lock.unlock();
    }
  }

  /** Tells what could not be done: the round goes on, and has failed. */
  void problem(String what) {
    lock.lock();
    try {
      problems++;
      told.accept(what);
    } finally {
      lock.unlock();
    }
  }

  long problems() {
    return problems;
  }

  /** Adds what another has counted, once; what it had to tell it has told. */
  void add(ExportSummary other) {
    lock.lock();
    try {
      versions += other.versions();
      archives += other.archives();
      bytes += other.bytes();
      notes += other.notes();
      marked += other.marked();
      pruned += other.pruned();
      problems += other.problems();
    } finally {
      lock.unlock();
    }
  }

  ExportSummary summary() {
    return new ExportSummary(versions, archives, bytes, notes, marked, pruned, problems);
  }
}

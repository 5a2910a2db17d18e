package resguardo.console;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import resguardo.core.Sha256;

/**
 * Browsers that are signed in. A cookie holds a random word; here its digest is kept, so that
 * finding it takes no comparison that could be timed. For any threads.
 */
final class Sessions {
  /** One that is not used so long has to sign in again. */
  static final Duration IDLE = Duration.ofHours(12);

  /** However it is used. */
  static final Duration LONGEST = Duration.ofDays(7);

  /** Then the oldest of whoever has the most makes room, so that nobody puts others out. */
  static final int MOST = 1000;

  private static final int MOST_NOTICES = 5;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Clock clock;
  private final Map<Sha256, Session> sessions = new LinkedHashMap<>();

  Sessions(Clock clock) {
    this.clock = clock;
  }

  /** A browser that is signed in. */
  static final class Session {
    private final String name;
    private final String csrf = word();
    private final Instant begun;
    private final List<String> notices = new ArrayList<>();
    private Instant used;

    private Session(String name, Instant now) {
      this.name = name;
      begun = now;
      used = now;
    }

    /** Who signed in. */
    String name() {
      return name;
    }

    /** The word that each form has which changes anything. */
    String csrf() {
      return csrf;
    }

    /** Something to be said on the next page. */
    synchronized void tell(String notice) {
      if (notices.size() < MOST_NOTICES) {
        notices.add(notice);
      }
    }

    /** What is to be said, once. */
    synchronized List<String> takeNotices() {
      List<String> taken = List.copyOf(notices);
      notices.clear();
      return taken;
    }

    private synchronized boolean use(Instant now) {
      boolean good = now.isBefore(used.plus(IDLE)) && now.isBefore(begun.plus(LONGEST));
      used = good ? now : used;
      return good;
    }
  }

  /** A random word that nobody guesses: 256 bits. */
  static String word() {
    byte[] bytes = new byte[32];
    RANDOM.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** A new session, by the word for its cookie. */
  record Opened(String cookie, Session session) {}

  /** Begins one. */
  synchronized Opened open(String name) {
    String cookie = word();
    Session session = new Session(name, clock.instant());
    sessions.put(digest(cookie), session);
    if (sessions.size() > MOST) {
      makeRoom();
    }
    return new Opened(cookie, session);
  }

  private void makeRoom() {
    Map<String, Integer> many = new LinkedHashMap<>();
    sessions.values().forEach(one -> many.merge(one.name(), 1, Integer::sum));
    String name = Collections.max(many.entrySet(), Map.Entry.comparingByValue()).getKey();
    Iterator<Session> all = sessions.values().iterator();
    while (all.hasNext()) {
      if (all.next().name().equals(name)) {
        all.remove();
        return;
      }
    }
  }

  /** The session of a cookie; empty when there is none any more. */
  synchronized Optional<Session> find(String cookie) {
    Sha256 key = digest(cookie);
    Session session = sessions.get(key);
    if (session != null && !session.use(clock.instant())) {
      sessions.remove(key);
      return Optional.empty();
    }
    return Optional.ofNullable(session);
  }

  /** Ends one. */
  synchronized void end(String cookie) {
    sessions.remove(digest(cookie));
  }

  private static Sha256 digest(String cookie) {
    return Sha256.of(cookie.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }
}

package resguardo.console;

import resguardo.core.Permission;

/**
 * Who makes a request.
 *
 * @param name fit to be shown; it is on record with what is asked for
 * @param may what is allowed here; the broker has its own word about it
 * @param session of the browser
 */
record Visitor(String name, Permission may, Sessions.Session session) {
  boolean mayWrite() {
    return may.covers(Permission.WRITE);
  }
}

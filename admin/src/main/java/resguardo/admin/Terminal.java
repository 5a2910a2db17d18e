package resguardo.admin;

import org.jspecify.annotations.Nullable;

/** Whether somebody looks: only then there are bars, and pictures that take the place of others. */
final class Terminal {
  private Terminal() {}

  /** Whether this process reads from a terminal and writes to one. */
  static boolean isThere() {
    return isOne(System.console());
  }

  /** From Java 22 on there is a console whatever is at the other end, and it says what that is. */
  static boolean isOne(@Nullable Object console) {
    if (console == null) {
      return false;
    }
    try {
      Class<?> type =
          console instanceof java.io.Console ? java.io.Console.class : console.getClass();
      return (Boolean) type.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException older) {
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }
}

package resguardo.transfer.tarball;

import java.io.IOException;

/** A tarball that cannot be taken over, or not now. Nothing was committed of it. */
public final class TarballException extends IOException {
  private static final long serialVersionUID = 1;

  TarballException(String why) {
    super(why);
  }
}

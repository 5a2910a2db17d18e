package resguardo.agent;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import resguardo.core.RawPath;

/** What an agent's bounds keep it from, for a person. For one thread. */
final class KeptFrom {
  private @Nullable String firstFolder;
  private long folders;
  private long linksForgotten;
  private @Nullable RawPath firstScattered;
  private long scattered;

  /** A folder is not looked into. */
  void lookingInto(RawPath folder, String why) {
    if (folders++ == 0) {
      firstFolder = "did not look into /" + folder + ": " + why;
    }
  }

  /** Of so many files with several names each name is a file. */
  void linking(long files) {
    linksForgotten = files;
  }

  /** A file's data lies in too many parts. */
  void gathering(RawPath file) {
    firstScattered = scattered++ == 0 ? file : firstScattered;
  }

  /** All of it. */
  List<String> told() {
    List<String> told = new ArrayList<>();
    if (firstFolder != null) {
      told.add(firstFolder + andMore(folders, "folders"));
    }
    if (linksForgotten > 0) {
      told.add(
          "of "
              + linksForgotten
              + " files with several names each name is a file: there is no room for more links");
    }
    if (firstScattered != null) {
      told.add(
          "did not read /"
              + firstScattered
              + ": its data lies far apart, in more parts than there is room for"
              + andMore(scattered, "files"));
    }
    return told;
  }

  /** That there are more than the one that is named. */
  static String andMore(long count, String what) {
    return count < 2 ? "" : " (and " + (count - 1) + " " + what + " more)";
  }
}

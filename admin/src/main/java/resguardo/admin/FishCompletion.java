package resguardo.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** A completion script for fish, which picocli does not make. */
final class FishCompletion {
  private static final int LONG_OPTION = 2;

  private final String program;
  private final List<String> lines = new ArrayList<>();

  private FishCompletion(String program) {
    this.program = program;
  }

  /** The script for a program and all its commands. */
  static String of(String program, CommandSpec spec) {
    FishCompletion completion = new FishCompletion(program);
    completion.lines.add("# Completions of " + program + " for fish.");
    completion.lines.add("complete -c " + program + " -f");
    completion.add(spec, List.of());
    return String.join("\n", completion.lines);
  }

  private void add(CommandSpec spec, List<String> words) {
    String here = condition(spec, words);
    for (CommandLine command : spec.subcommands().values()) {
      CommandSpec sub = command.getCommandSpec();
      lines.add(
          "complete -c " + program + here + " -a " + sub.name() + " -d " + quoted(summary(sub)));
    }
    for (OptionSpec option : spec.options()) {
      String names =
          java.util.Arrays.stream(option.names())
              .map(
                  name ->
                      name.startsWith("--")
                          ? "-l " + name.substring(LONG_OPTION)
                          : "-s " + name.substring(1))
              .collect(Collectors.joining(" "));
      boolean takesFile =
          option.type() == java.nio.file.Path.class || "FILE".equals(option.paramLabel());
      String value = option.arity().max() == 0 ? "" : takesFile ? " -r -F" : " -x";
      String told = option.description().length == 0 ? "" : option.description()[0];
      lines.add("complete -c " + program + here + " " + names + value + " -d " + quoted(told));
    }
    for (CommandLine command : spec.subcommands().values()) {
      List<String> deeper = new ArrayList<>(words);
      deeper.add(command.getCommandSpec().name());
      add(command.getCommandSpec(), deeper);
    }
  }

  /** Holds when just these words, and no command below them, were written. */
  private static String condition(CommandSpec spec, List<String> words) {
    if (words.isEmpty()) {
      return " -n __fish_use_subcommand";
    }
    List<String> parts = new ArrayList<>();
    words.forEach(word -> parts.add("__fish_seen_subcommand_from " + word));
    if (!spec.subcommands().isEmpty()) {
      parts.add("not __fish_seen_subcommand_from " + String.join(" ", spec.subcommands().keySet()));
    }
    return " -n '" + String.join("; and ", parts) + "'";
  }

  private static String summary(CommandSpec spec) {
    String[] description = spec.usageMessage().description();
    return description.length == 0 ? "" : description[0];
  }

  /** The first sentence; more does not fit beside a completion. */
  private static String quoted(String text) {
    int end = text.indexOf(". ");
    String first = (end < 0 ? text : text.substring(0, end + 1)).replace("%n", " ");
    return "'" + first.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}

package resguardo.testkit.docs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** A command and its options as a manual page, in the macros of man(7). */
final class ManPage {
  private static final String BRAND = "resguardo-";

  private final CommandSpec spec;
  private final List<String> lines = new ArrayList<>();

  private ManPage(CommandSpec spec) {
    this.spec = spec;
  }

  /** The pages of a command and of all below it, by their names. */
  static Map<String, String> all(CommandLine top) {
    Map<String, String> pages = new TreeMap<>();
    add(top, pages);
    return pages;
  }

  private static void add(CommandLine command, Map<String, String> pages) {
    CommandSpec spec = command.getCommandSpec();
    pages.put(name(spec), new ManPage(spec).text());
    command.getSubcommands().values().forEach(below -> add(below, pages));
  }

  private static String name(CommandSpec spec) {
    return BRAND + spec.qualifiedName("-");
  }

  /** The name of the program, as whoever has built it starts it. */
  private String program() {
    return spec.root().name();
  }

  private String text() {
    lines.add(".\\\" Made of what the program says of itself: do not edit.");
    lines.add(".TH " + name(spec).toUpperCase(java.util.Locale.ROOT) + " 1 \"\" Resguardo");
    lines.add(".SH NAME");
    String[] description = spec.usageMessage().description();
    lines.add(name(spec) + " \\- " + escaped(description.length == 0 ? "" : first(description[0])));
    lines.add(".SH SYNOPSIS");
    lines.add(".nf");
    String synopsis =
        spec.commandLine()
            .getHelp()
            .synopsis(0)
            .replaceAll("(?m)^" + program(), BRAND + program())
            .stripTrailing();
    synopsis.lines().forEach(line -> lines.add(escaped(line)));
    lines.add(".fi");
    if (description.length > 0) {
      lines.add(".SH DESCRIPTION");
      Arrays.stream(description).forEach(this::paragraph);
    }
    parameters();
    options();
    commands();
    exitCodes();
    examples();
    return String.join("\n", lines) + "\n";
  }

  private static String first(String text) {
    int end = text.indexOf(". ");
    String sentence = end < 0 ? text : text.substring(0, end);
    return sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
  }

  private void paragraph(String text) {
    lines.add(".PP");
    lines.add(escaped(shown(text)));
  }

  /** With its variables put in, as the help shows it. */
  private String shown(String text) {
    return Ansi.OFF.text(text.replace("%n", " ")).toString();
  }

  private void parameters() {
    if (!spec.positionalParameters().isEmpty()) {
      lines.add(".SH PARAMETERS");
      for (PositionalParamSpec parameter : spec.positionalParameters()) {
        lines.add(".TP");
        lines.add("\\fI" + escaped(parameter.paramLabel()) + "\\fR");
        described(parameter.description());
      }
    }
  }

  private void options() {
    lines.add(".SH OPTIONS");
    List<OptionSpec> sorted = new ArrayList<>(spec.options());
    sorted.sort(java.util.Comparator.comparing(OptionSpec::longestName));
    for (OptionSpec option : sorted) {
      lines.add(".TP");
      String names =
          Arrays.stream(option.names())
              .map(name -> "\\fB" + escaped(name) + "\\fR")
              .collect(Collectors.joining(", "));
      lines.add(
          option.arity().max() == 0
              ? names
              : names + "=\\fI" + escaped(option.paramLabel()) + "\\fR");
      described(option.description());
    }
  }

  private void described(String... description) {
    for (String part : description) {
      lines.add(escaped(shown(part)));
    }
  }

  private void commands() {
    if (!spec.subcommands().isEmpty()) {
      lines.add(".SH COMMANDS");
      for (CommandLine below : spec.subcommands().values()) {
        String[] description = below.getCommandSpec().usageMessage().description();
        lines.add(".TP");
        lines.add("\\fB" + escaped(name(below.getCommandSpec())) + "\\fR(1)");
        described(description.length == 0 ? "" : first(description[0]) + ".");
      }
    }
  }

  private void exitCodes() {
    if (spec.parent() == null && !spec.usageMessage().exitCodeList().isEmpty()) {
      lines.add(".SH EXIT STATUS");
      spec.usageMessage()
          .exitCodeList()
          .forEach(
              (code, what) -> {
                lines.add(".TP");
                lines.add("\\fB" + code + "\\fR");
                lines.add(escaped(what));
              });
    }
  }

  private void examples() {
    String[] footer = spec.usageMessage().footer();
    if (footer.length > 0) {
      lines.add(".SH EXAMPLES");
      lines.add(".nf");
      Arrays.stream(footer)
          .forEach(
              line -> lines.add(escaped(line.replace(program() + " ", BRAND + program() + " "))));
      lines.add(".fi");
    }
  }

  /** No line is taken for a macro, and no dash for a hyphen. */
  private static String escaped(String text) {
    String safe = text.replace("\\", "\\e").replace("-", "\\-");
    return safe.startsWith(".") || safe.startsWith("'") ? "\\&" + safe : safe;
  }
}

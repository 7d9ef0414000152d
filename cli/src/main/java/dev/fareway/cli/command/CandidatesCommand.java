package dev.fareway.cli.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * What {@code kubectl_complete-fareway} asks: kubectl hands the words so far to the plugin's
 * completer and reads one candidate a line, then a colon and a number that says what to do with
 * them.
 */
@Command(name = "__complete", hidden = true)
final class CandidatesCommand implements Callable<Integer> {
  /** Cobra's ShellCompDirectiveNoFileComp. */
  private static final String NO_FILES = ":4";

  @SuppressWarnings("NullAway.Init") // picocli sets it
  @Spec
  private CommandSpec spec;

  @Parameters(arity = "0..*")
  private List<String> words = new ArrayList<>();

  CandidatesCommand() {}

  @Override
  public Integer call() {
    CommandSpec root = Objects.requireNonNull(spec.parent());
    List<String> given = words.isEmpty() ? List.of("") : words;
    int last = given.size() - 1;
    String prefix = given.get(last);
    var completions = new ArrayList<CharSequence>();
    AutoComplete.complete(
        root,
        given.toArray(String[]::new),
        last,
        prefix.length(),
        String.join(" ", given).length(),
        completions);
    // picocli answers with what is to be added; kubectl wants whole words.
    var candidates = new TreeSet<String>();
    completions.forEach(of -> candidates.add(prefix + of));
    candidates.removeIf(of -> of.startsWith("__"));
    candidates.forEach(spec.commandLine().getOut()::println);
    spec.commandLine().getOut().println(NO_FILES);
    spec.commandLine().getOut().flush();
    return ExitCodes.OK;
  }
}

package dev.fareway.e2e.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every packaged program and each of its commands says when it is asked for help. */
class HelpTest {
  private static final int WIDTH = 112;
  private static final int SECONDS = 60;

  /** A line with an option or an argument that is not told of beside it. */
  private static final Pattern UNTOLD =
      Pattern.compile("(?m)^ {2,6}(?:-\\w, )? *--[\\w-]+(?:=\\S+)?\\s*\\n(?! {8,}\\S)");

  @TempDir Path folder;

  /** A command as it is called, and how it is started here. */
  record Program(String name, List<String> command) {
    static Program jar(String name, String jar, String... arguments) {
      var command = new ArrayList<>(List.of("-jar", Checkout.ROOT.resolve(jar).toString()));
      command.addAll(List.of(arguments));
      return new Program(name, command);
    }

    /** A main class of this module. */
    static Program here(String name, String main) {
      return new Program(
          name, List.of("-cp", System.getProperty("java.class.path"), "dev.fareway.e2e." + main));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Program> programs() {
    String simulator = "simulator/target/app/fareway-simulator.jar";
    String cli = "cli/target/kubectl-fareway/lib/fareway-cli.jar";
    return Stream.of(
            Stream.of(
                Program.jar("fareway-operator", "operator/target/quarkus-app/quarkus-run.jar"),
                Program.jar(
                    "fareway-node-daemon", "node-daemon/target/app/fareway-node-daemon.jar"),
                Program.jar("fareway-activator", "activator/target/app/fareway-activator.jar"),
                new Program(
                    "./fareway images",
                    List.of(
                        "-cp",
                        Checkout.ROOT.resolve("images/target/app/fareway-images.jar").toString(),
                        "dev.fareway.images.ImagesCommand")),
                Program.jar("./fareway simulate", simulator),
                Program.jar("kubectl fareway", cli),
                Program.here("./fareway demo", "demo.DemoCommand"),
                Program.here("./fareway e2e", "kind.E2eCommand")),
            Stream.of("figure3", "figure4", "compare", "replay", "ablate", "scale")
                .map(each -> Program.jar("./fareway simulate " + each, simulator, each)),
            Stream.of("top", "explain", "nodes", "bill", "completion")
                .map(each -> Program.jar("kubectl fareway " + each, cli, each)),
            Stream.of("Activator", "Cluster", "Footprint", "Node", "Operator")
                .map(
                    each ->
                        Program.here(
                            "./fareway bench " + each.toLowerCase(Locale.ROOT),
                            "bench." + each + "Bench")))
        .flatMap(each -> each);
  }

  @ParameterizedTest
  @MethodSource("programs")
  void help_tellsOfEachOption_andWarnsOfNothing(Program program)
      throws IOException, InterruptedException {
    String help = help(program);

    assertTrue(help.contains("Usage: " + program.name()), help);
    assertEquals(
        List.of(),
        help.lines().filter(line -> line.length() > WIDTH).toList(),
        "lines that a window is too narrow for");
    assertEquals(
        List.of(),
        UNTOLD.matcher(help).results().map(found -> found.group()).toList(),
        "options that nothing is said of");
    assertEquals(
        List.of(),
        Pattern.compile("=<\\w+>|%%|%n|\\$\\{")
            .matcher(help)
            .results()
            .map(r -> r.group())
            .toList(),
        "what a picocli command shows where its author forgot something");
  }

  /** A command that is added is to be added here. */
  @Test
  void programs_areAllThatThereAre() {
    SortedSet<String> declared =
        Checkout.inSources(
            "@Command\\(\\s*name = \"([^\"]+)\"",
            "activator/src/main",
            "cli/src/main",
            "e2e/src/main",
            "images/src/main",
            "node-daemon/src/main",
            "simulator/src/main");
    // It completes command lines, and nobody calls it.
    declared.remove("__complete");
    var tried = new TreeSet<String>();
    programs()
        .map(Program::name)
        .filter(name -> !name.equals("fareway-operator"))
        // A command below another is declared by its last word.
        .forEach(name -> tried.add(declared.contains(name) ? name : lastWord(name)));

    assertEquals(declared, tried);
  }

  private static String lastWord(String name) {
    return name.substring(name.lastIndexOf(' ') + 1);
  }

  private String help(Program program) throws IOException, InterruptedException {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
    command.addAll(program.command());
    command.add("--help");
    Path output = folder.resolve("output");
    Path errors = folder.resolve("errors");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile())
            .start();
    try {
      process.getOutputStream().close();
      assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS), "it does not end");
      assertEquals("", Checkout.read(errors));
      assertEquals(0, process.exitValue());
      return Checkout.read(output);
    } finally {
      process.destroyForcibly();
    }
  }
}

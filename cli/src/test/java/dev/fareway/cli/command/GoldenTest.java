package dev.fareway.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What commands print of one cluster, as files. {@code -Dfareway.golden=write} writes them anew.
 */
class GoldenTest {
  private static final Path FOLDER = Path.of("src/test/resources/dev/fareway/cli/golden");

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "top.txt, top",
    "top-all.txt, top -A",
    "top-all.json, top -A -o json",
    "top-classes.txt, top -A --classes",
    "nodes.txt, nodes",
    "nodes-wide.txt, nodes -o wide",
    "nodes.json, nodes -o json",
    "explain-placed.txt, explain checkout-7d9f8-aaaaa",
    "explain-placed.json, explain checkout-7d9f8-aaaaa -o json",
    "explain-waiting.txt, explain pod/resize-00001-deployment-5c6b7-bbbbb -n media",
    "explain-waiting.json, explain resize-00001-deployment-5c6b7-bbbbb -n media -o json",
    "explain-promised.txt, explain report-0 -n shop",
    "explain-throttled.txt, explain crawl-1 -n lab",
    "explain-unknown-class.txt, explain typo -n lab",
    "explain-preempted.txt, explain crawl-2 -n lab",
    "explain-no-function.txt, explain plain -n lab",
    "bill.txt, bill --month 2026-11",
    "bill.json, bill --month 2026-11 -o json",
    "bill.csv, bill --month 2026-11 -o csv",
    "bill-shop.txt, bill --month 2026-11 --namespace shop",
    "bill-archived.txt, bill --month 2026-10",
    "bill-empty.txt, bill --month 2025-01",
    "help.txt, --help",
    "help-top.txt, top --help",
    "help-explain.txt, explain --help",
    "help-nodes.txt, nodes --help",
    "help-bill.txt, bill --help",
    "completion.fish, completion fish"
  })
  void command_printsWhatTheFileHas(String file, String command) throws IOException {
    Ran ran = Ran.of(ClusterFake.ofFile(), command.split(" "));

    assertEquals(0, ran.code(), ran.err());
    Path path = FOLDER.resolve(file);
    String printed = ran.out() + (ran.err().isEmpty() ? "" : "--- standard error\n" + ran.err());
    if ("write".equals(System.getProperty("fareway.golden"))) {
      Files.writeString(path, printed);
    }
    assertEquals(Files.readString(path, StandardCharsets.UTF_8), printed);
  }
}

package dev.fareway.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.cli.cluster.ClusterFailure;
import dev.fareway.cli.cluster.ClusterFailure.Kind;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorsTest {
  private static final String OURS = "/apis/fareway.dev/v1alpha1/";

  @Test
  void noCommand_isWrongUsage() {
    Ran ran = Ran.of(ClusterFake.ofFile());

    assertEquals(2, ran.code());
    assertEquals("error: Name a command.\nSee 'kubectl fareway --help'.\n", ran.err());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "bill --month 2026-13 | '2026-13' is no month; write one such as 2026-11",
        "bill --month November | 'November' is no month; write one such as 2026-11",
        "top --wrong | Unknown option: '--wrong'",
        "explain | Missing required parameter: 'POD'",
        "top -o csv | expected one of [table, json]"
      })
  void wrongUsage_saysWhatIsWrong(String command, String words) {
    Ran ran = Ran.of(ClusterFake.ofFile(), command.split(" "));

    assertEquals(2, ran.code());
    assertTrue(ran.err().contains(words), ran.err());
    assertEquals("", ran.out());
  }

  @ParameterizedTest
  @CsvSource({"NO_CLUSTER, 3", "NOT_ALLOWED, 4", "NOT_THERE, 5", "REFUSED, 1"})
  void failure_isASentenceAndACode(Kind kind, int code) {
    Ran ran =
        Ran.of(
            ClusterFake.ofFile().refusing(OURS + "priceclasses", kind, "It can't be had."),
            "top",
            "-A");

    assertEquals(code, ran.code());
    assertEquals("error: It can't be had.\n", ran.err());
    assertEquals("", ran.out());
  }

  @Test
  void clusterThatCannotBeOpened_isACodeToo() {
    var err = new StringWriter();
    int code =
        KubectlFareway.commandLine(
                _ -> {
                  throw new ClusterFailure(Kind.NO_CLUSTER, "There is no kubeconfig.");
                },
                Clock.systemUTC(),
                new PrintWriter(new StringWriter()),
                new PrintWriter(err, true))
            .execute("nodes");

    assertEquals(3, code);
    assertEquals("error: There is no kubeconfig.", err.toString().strip());
  }

  @Test
  void bill_whoMayNotReadUsage_isToldWhatElseThereIs() {
    Ran ran =
        Ran.of(
            ClusterFake.ofFile()
                .refusing(OURS + "nodeusages", Kind.NOT_ALLOWED, "You may not do this: list."),
            "bill");

    assertEquals(4, ran.code());
    assertTrue(ran.err().contains("kubectl get budgets"), ran.err());
  }

  @Test
  void explain_podThatIsNotThere_isCode5() {
    Ran ran = Ran.of(ClusterFake.ofFile(), "explain", "nobody");

    assertEquals(5, ran.code());
  }

  @Test
  void top_whoMayNotAskKubelets_seesTheMetricsApi() {
    Ran ran =
        Ran.of(
            ClusterFake.ofFile()
                .refusing("/api/v1/nodes/", Kind.NOT_ALLOWED, "You may not do this: get."),
            "top");

    assertEquals(0, ran.code());
    assertTrue(ran.err().contains("Swap is not shown"), ran.err());
    assertTrue(ran.out().contains("250m"), ran.out());
  }

  @Test
  void top_withoutAnyFigures_stillCountsInstances() {
    Ran ran =
        Ran.of(
            ClusterFake.ofFile()
                .refusing("/api/v1/nodes/", Kind.NOT_ALLOWED, "You may not do this: get.")
                .refusing("/apis/metrics.k8s.io/", Kind.NOT_THERE, "Not served."),
            "top");

    assertEquals(0, ran.code());
    assertTrue(ran.err().contains("Nobody says what pods use"), ran.err());
    assertTrue(ran.out().contains("checkout"), ran.out());
  }

  @Test
  void top_oneSilentKubelet_doesNotSpoilTheRest() {
    Ran ran =
        Ran.of(
            ClusterFake.ofFile().refusing("/api/v1/nodes/worker-2/proxy", Kind.REFUSED, "502"),
            "top",
            "-A");

    assertEquals(0, ran.code());
    assertTrue(ran.err().contains("1 of 2 kubelets did not say"), ran.err());
  }

  @Test
  void top_whoMayNotReadNamespacesOrTheDaemonSet_isShownWhatPodsSay() {
    Ran ran =
        Ran.of(
            ClusterFake.ofFile()
                .refusing("/api/v1/namespaces/shop", Kind.NOT_ALLOWED, "no")
                .refusing("/apis/apps/", Kind.NOT_ALLOWED, "no"),
            "top",
            "-A");

    assertEquals(0, ran.code());
    assertTrue(ran.err().contains("COST/HOUR is for CPU alone"), ran.err());
  }

  @Test
  void messagesOfOthers_cannotTakeOverTheTerminal() {
    Ran ran = Ran.of(ClusterFake.ofFile(), "explain", "typo", "-n", "lab");

    assertFalse(ran.out().contains("\u001b"), ran.out());
    assertTrue(ran.out().contains("[31mboo"), ran.out());
  }

  @Test
  void completer_answersAsKubectlAsks() {
    assertEquals("bill\n:4\n", Ran.of(ClusterFake.ofFile(), "__complete", "bi").out());
    assertEquals("--month\n:4\n", Ran.of(ClusterFake.ofFile(), "__complete", "bill", "--mo").out());
    assertEquals(
        "csv\njson\ntable\n:4\n",
        Ran.of(ClusterFake.ofFile(), "__complete", "bill", "-o", "").out());
  }

  @Test
  void completion_knowsEveryCommandInEveryShell() {
    for (String shell : new String[] {"bash", "zsh", "fish"}) {
      String script = Ran.of(ClusterFake.ofFile(), "completion", shell).out();
      for (String command : new String[] {"top", "explain", "nodes", "bill", "completion"}) {
        assertTrue(script.contains(command), shell + ": " + command);
      }
    }
  }
}

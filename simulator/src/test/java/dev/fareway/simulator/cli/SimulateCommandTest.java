package dev.fareway.simulator.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SimulateCommandTest {
  private static final String[] SMALL_FIGURE3 = {
    "figure3", "--machines", "10", "--seeds", "2", "--up", "10", "--down", "15", "--end", "20"
  };

  @TempDir Path temporary;

  private record Outcome(int status, String out, String errors) {}

  private static Outcome run(String... args) {
    var out = new StringWriter();
    var errors = new StringWriter();
    int status =
        SimulateCommand.run(new PrintWriter(out, true), new PrintWriter(errors, true), args);
    return new Outcome(status, out.toString(), errors.toString());
  }

  private static Outcome run(String[] args, Path report) {
    return run(
        Stream.concat(Stream.of(args), Stream.of("--report", report.toString()))
            .toArray(String[]::new));
  }

  private static Map<String, byte[]> files(Path folder) throws IOException {
    var files = new HashMap<String, byte[]>();
    try (Stream<Path> list = Files.list(folder)) {
      for (Path file : list.toList()) {
        files.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    return files;
  }

  private Map<String, Double> figures() throws IOException {
    JsonNode summary = new ObjectMapper().readTree(temporary.resolve("summary.json").toFile());
    Map<String, Double> figures = new HashMap<>();
    for (JsonNode figure : summary.get("figures")) {
      figures.put(figure.get("name").asText(), figure.get("value").asDouble());
    }
    return figures;
  }

  private static double figure(Map<String, Double> figures, String name) {
    return Objects.requireNonNull(figures.get(name), name);
  }

  @Test
  void figure3_writesTheSameBytes_forTheSameSeed() throws IOException {
    Outcome first = run(SMALL_FIGURE3, temporary.resolve("a"));
    Outcome second = run(SMALL_FIGURE3, temporary.resolve("b"));

    assertEquals(0, first.status, first.errors);
    assertEquals(0, second.status, second.errors);
    Map<String, byte[]> a = files(temporary.resolve("a"));
    Map<String, byte[]> b = files(temporary.resolve("b"));
    assertEquals(
        List.of(
            "figure3-latency.png",
            "figure3-latency.svg",
            "figure3-phases.csv",
            "figure3-ticks.csv",
            "figure3.html",
            "summary.json"),
        a.keySet().stream().sorted().toList());
    assertEquals(a.keySet(), b.keySet());
    a.forEach((name, bytes) -> assertArrayEquals(bytes, b.get(name), name));
  }

  @Test
  void figure3_leavesTheDearestAlone_andHermodDoesNot() throws IOException {
    Outcome outcome = run(SMALL_FIGURE3, temporary);

    assertEquals(0, outcome.status, outcome.errors);
    Map<String, Double> figures = figures();
    // Ten machines for twenty seconds: rougher than the real thing, and still plain to see.
    assertTrue(figure(figures, "fareway_high_p99_loaded_over_baseline") < 1.5, figures.toString());
    assertTrue(figure(figures, "fareway_low_p99_loaded_over_baseline") > 2, figures.toString());
    assertTrue(figure(figures, "hermod_high_p99_loaded_over_baseline") > 2, figures.toString());
    double alike = figure(figures, "hermod_high_over_low_degradation");
    assertTrue(alike > 0.5 && alike < 2, figures.toString());
  }

  @Test
  void figure4_swapsTheCheapAndKillsNobody() throws IOException {
    Outcome outcome =
        run(
            new String[] {
              "figure4",
              "--machines",
              "10",
              "--seeds",
              "2",
              "--up",
              "5",
              "--down",
              "20",
              "--end",
              "25"
            },
            temporary);

    assertEquals(0, outcome.status, outcome.errors);
    Map<String, Double> figures = figures();
    assertTrue(figure(figures, "swapped_out_share_of_class_4") < 0.02, figures.toString());
    assertTrue(figure(figures, "swapped_out_share_of_class_0") > 0.9, figures.toString());
    assertTrue(figure(figures, "utilisation_lowest_when_swapping") >= 0.9, figures.toString());
    assertEquals(0, figure(figures, "kills"), figures.toString());
  }

  private static final String[] SMALL_COMPARE = {
    "compare",
    "--machines",
    "8",
    "--cores",
    "4",
    "--seeds",
    "4",
    "--loads",
    "0.9,1.2",
    "--warm-up",
    "2",
    "--ticks",
    "8"
  };

  private static final String[] SMALL_REPLAY = {
    "replay",
    "--trace",
    "../docs/traces/azure-2021.csv",
    "--machines",
    "4",
    "--seeds",
    "2",
    "--speeds",
    "1,3"
  };

  private static final String[] SMALL_ABLATE = {
    "ablate", "--machines", "8", "--cores", "4", "--seeds", "1", "--warm-up", "2", "--ticks", "6"
  };

  static Stream<Arguments> repeated() {
    return Stream.of(
        Arguments.of((Object) SMALL_COMPARE),
        Arguments.of((Object) SMALL_REPLAY),
        Arguments.of((Object) SMALL_ABLATE));
  }

  @ParameterizedTest
  @MethodSource("repeated")
  void experiment_writesTheSameBytes_forTheSameSeed(String[] experiment) throws IOException {
    Outcome first = run(experiment, temporary.resolve("a"));
    Outcome second = run(experiment, temporary.resolve("b"));

    assertEquals(0, first.status, first.errors);
    assertEquals(0, second.status, second.errors);
    Map<String, byte[]> a = files(temporary.resolve("a"));
    Map<String, byte[]> b = files(temporary.resolve("b"));
    assertTrue(a.keySet().containsAll(List.of(experiment[0] + ".html", experiment[0] + ".csv")));
    for (String ending : List.of(".svg", ".png", ".json")) {
      assertTrue(a.keySet().stream().anyMatch(name -> name.endsWith(ending)), ending);
    }
    assertEquals(a.keySet(), b.keySet());
    a.forEach((name, bytes) -> assertArrayEquals(bytes, b.get(name), name));
  }

  @Test
  void compare_hasEveryScheduler_andOnlyFarewayAndItsBoundLeaveTheDearestAlone()
      throws IOException {
    Outcome outcome = run(SMALL_COMPARE, temporary);

    assertEquals(0, outcome.status, outcome.errors);
    Map<String, Double> figures = figures();
    assertTrue(figure(figures, "fareway_high_p99_slowdown_load_1_2") < 2, figures.toString());
    assertTrue(figure(figures, "full_knowledge_high_p99_slowdown_load_1_2") < 2);
    for (String other :
        List.of("hermod", "prequal", "join_idle_queue", "knative", "sparrow", "openwhisk")) {
      assertTrue(
          figure(figures, other + "_high_p99_slowdown_load_1_2") > 2, other + ": " + figures);
    }
    assertEquals(0, figure(figures, "fareway_killed_share_load_1_2"));
    assertTrue(figure(figures, "hermod_killed_share_load_1_2") > 0);
  }

  @Test
  void scale_tellsWhatAPlacementCosts() throws IOException {
    Outcome outcome =
        run(
            new String[] {"scale", "--sizes", "5,10", "--rate", "5000", "--count", "20000"},
            temporary);

    assertEquals(0, outcome.status, outcome.errors);
    Map<String, Double> figures = figures();
    assertTrue(figure(figures, "fareway_polls_10_machines_placement") > 0);
    assertTrue(figure(figures, "fareway_idle_lists_5_machines_placement") > 0);
    assertTrue(figure(figures, "hermod_10_machines_heap") > 0);
    assertTrue(Files.exists(temporary.resolve("scale.html")));
  }

  @Test
  void malformedTrace_isRefusedByLine_andNothingIsWritten() throws IOException {
    Path trace =
        Files.writeString(
            temporary.resolve("trace.csv"), "app,func,end_timestamp,duration\na,f,1,one\n");
    Path report = temporary.resolve("report");

    Outcome outcome = run("replay", "--trace", trace.toString(), "--report", report.toString());

    assertEquals(2, outcome.status, outcome.errors);
    assertTrue(outcome.errors.contains(trace + " line 2: column 'duration'"), outcome.errors);
    assertFalse(Files.exists(report));
  }

  @ParameterizedTest
  @CsvSource({
    "compare,--loads,0",
    "compare,--loads,'1,x'",
    "compare,--schedulers,yarn",
    "compare,--swap-device,tape",
    "compare,--swap-device,0/1",
    "compare,--memory-gb,-1",
    "compare,--ticks,5",
    "replay,--trace,no-such-file",
    "ablate,--load,99",
    "replay,--trace,src",
    "scale,--sizes,0",
    "scale,--machines,5",
    "scale,--seeds,2",
    "scale,--load,1"
  })
  void badOptionOfAnExperiment_isNamedAndNothingIsWritten(
      String experiment, String option, String value) {
    Path report = temporary.resolve("report");

    Outcome outcome = run(experiment, option, value, "--report", report.toString());

    assertEquals(2, outcome.status, outcome.errors);
    assertTrue(outcome.errors.contains(option), outcome.errors);
    assertFalse(Files.exists(report));
  }

  @ParameterizedTest
  @CsvSource({
    "--layout,csv",
    "--delay-unit,h",
    "--speeds,0",
    "--minutes,0",
    "--durations,no-such-file",
    "--trace-memory,no-such-file",
    "--durations,../docs/traces/azure-2019-durations.csv",
    "--trace-memory,../docs/traces/azure-2019-memory.csv",
    "--delay-unit,s"
  })
  void badOptionOfReplay_isNamedAndNothingIsWritten(String option, String value) {
    Path report = temporary.resolve("report");

    Outcome outcome =
        run(
            "replay",
            "--trace",
            "../docs/traces/azure-2021.csv",
            option,
            value,
            "--report",
            report.toString());

    assertEquals(2, outcome.status, outcome.errors);
    assertTrue(outcome.errors.contains(option), outcome.errors);
    assertFalse(Files.exists(report));
  }

  @ParameterizedTest
  @CsvSource({
    "--swap-gb,-1",
    "--swap-device,sold",
    "--memory-gb,0",
    "--most-gb,0",
    "--idle-list,maybe",
    "--idle-memory,2"
  })
  void badOptionOfFigure4_isNamedAndNothingIsWritten(String option, String value) {
    Path report = temporary.resolve("report");

    Outcome outcome = run("figure4", option, value, "--report", report.toString());

    assertEquals(2, outcome.status, outcome.errors);
    assertTrue(outcome.errors.contains(option), outcome.errors);
    assertFalse(Files.exists(report));
  }

  @ParameterizedTest
  @CsvSource({
    "--machines,0",
    "--cores,0",
    "--cores,many",
    "--shards,-1",
    "--k,0",
    "--seeds,0",
    "--classes,1",
    "--high-share,1.5",
    "--alpha,1",
    "--alpha,NaN",
    "--xm-ms,0",
    "--message-us,-1",
    "--discipline,fair",
    "--load,0",
    "--down,50",
    "--end,80",
    "--speed,1"
  })
  void badOption_isNamedAndNothingIsWritten(String option, String value) {
    Path report = temporary.resolve("report");

    Outcome outcome = run("figure3", option, value, "--report", report.toString());

    assertEquals(2, outcome.status, outcome.errors);
    assertTrue(outcome.errors.contains(option), outcome.errors);
    assertFalse(Files.exists(report));
  }

  @Test
  void report_isRefusedAtOnce_whereAFileStands() throws IOException {
    Path file = Files.writeString(temporary.resolve("file"), "mine");

    Outcome outcome = run("figure3", "--report", file.resolve("below").toString());

    assertEquals(2, outcome.status);
    assertTrue(outcome.errors.contains("--report"), outcome.errors);
    assertEquals("mine", Files.readString(file));
  }

  @Test
  void unknownExperiment_isAnErrorThatSaysWhatThereIs() {
    Outcome outcome = run("figure9");

    assertEquals(2, outcome.status);
    assertTrue(outcome.errors.contains("'figure9'"), outcome.errors);
    assertTrue(outcome.errors.contains("figure3"), outcome.errors);
  }

  @Test
  void help_tellsOfEveryExperiment() {
    assertTrue(run("--help").out.contains("figure3"));
    assertTrue(run("figure3", "--help").out.contains("--loaded"));
  }
}

package dev.fareway.e2e.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fareway.e2e.cluster.ApiServerKind;
import dev.fareway.e2e.cluster.LocalClusterOptions;
import dev.fareway.e2e.report.ReportSchema;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole demo, in seconds: what it measures is not judged, only that it does and tidies up. */
@Timeout(240)
class LocalDemoClusterTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final AtomicReference<Path> work = new AtomicReference<>();

  @BeforeEach
  void canRunHere() {
    Prerequisites.assumeRealTime();
    Prerequisites.assumePackages();
  }

  private int demo(String... options) {
    PrintStream print = new PrintStream(out, true, UTF_8);
    return DemoCommand.commandLine(
            new DemoCommand(
                (folder, progress) -> {
                  work.set(folder);
                  return LocalDemoCluster.start(
                      LocalClusterOptions.in(folder).withApiServer(ApiServerKind.MOCK), progress);
                },
                print,
                print,
                false))
        .execute(options);
  }

  @Test
  void demo_measuresReportsAndLeavesNothingBehind(@TempDir Path folder) throws Exception {
    int status = demo("--seconds", "3", "--report", folder.toString());

    // Then it has said what it should
    String said = out.toString(UTF_8);
    assertEquals(0, status, said);
    assertTrue(said.contains("Placed by Fareway: 1 x home-page, 1 x user-profile"), said);
    assertTrue(said.contains("requests of the three runs were answered."), said);

    // And sent invocations of two classes through the activator, all of which were answered
    assertTrue(said.contains("Invocations of two classes to the same function"), said);
    assertEquals(2, said.split("ms, 0 failed", -1).length - 1, said);

    // And written a report of all requests, the same in both crowded runs
    String json = Files.readString(folder.resolve("report.json"));
    assertEquals("", ReportSchema.complaints(json));
    JsonNode report = new ObjectMapper().readTree(json);
    assertEquals(0, report.path("verdict").path("errors").asInt());
    assertEquals("Off", report.path("enforcement").path("crowded").asText());
    for (JsonNode priceClass : report.path("classes")) {
      JsonNode whole = priceClass.path("fareway").path("phases").path("whole");
      assertTrue(whole.path("requests").asInt() > 0);
      assertEquals(
          whole.path("requests"),
          priceClass.path("crowded").path("phases").path("whole").path("requests"));
    }
    for (JsonNode placement : report.path("placements")) {
      assertEquals("local", placement.path("node").asText());
    }
    assertTrue(Files.readString(folder.resolve("report.html")).endsWith("</html>\n"));

    // And left nothing but the report
    try (var files = Files.list(folder)) {
      assertEquals(
          Set.of("report.json", "report.html"),
          files.map(file -> file.getFileName().toString()).collect(Collectors.toSet()));
    }
    assertFalse(Files.exists(work.get()));
    assertEquals(Set.of(), childrenOfThisProcess());
    assertEquals(Set.of(), Cgroups.of(ProcessHandle.current().pid()));
  }

  private static Set<String> childrenOfThisProcess() {
    return ProcessHandle.current()
        .descendants()
        .filter(ProcessHandle::isAlive)
        .map(process -> process.info().commandLine().orElse("process " + process.pid()))
        .collect(Collectors.toSet());
  }
}

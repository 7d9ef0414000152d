package dev.fareway.e2e.kind;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All of {@code ./fareway e2e} but the programs that it runs: they only note that they were. */
@NullUnmarked
class E2eCommandTest {
  @TempDir Path folder;
  private Path bin;
  private Path home;
  private Path calls;
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  @BeforeEach
  void tools() throws IOException {
    bin = Files.createDirectory(folder.resolve("bin"));
    home = Files.createDirectories(folder.resolve("home/target/images")).getParent().getParent();
    calls = Files.createFile(folder.resolve("calls"));
    for (String program : List.of("docker", "kind", "kubectl", "mvn")) {
      program(bin.resolve(program), "");
    }
    program(
        home.resolve("fareway"), "touch target/images/operator.tar target/images/node-daemon.tar");
  }

  private void program(Path file, String does) throws IOException {
    Files.writeString(
        file,
        """
        #!/bin/sh
        echo "%s $*" >> %s
        %s
        """
            .formatted(file.getFileName(), calls, does));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private int run(String... arguments) throws IOException {
    Path work = Files.createDirectories(folder.resolve("work"));
    var tools = new Tools(work.resolve("e2e.log"), bin.toString(), Map.of());
    return E2eCommand.run(
        new E2eCommand(
            home,
            work,
            tools,
            bin.resolve("mvn").toString(),
            new PrintStream(said, true, StandardCharsets.UTF_8)),
        arguments);
  }

  private List<String> calls() throws IOException {
    return Files.readAllLines(calls);
  }

  private String said() {
    return said.toString(StandardCharsets.UTF_8);
  }

  @Test
  void kind_isMade_loaded_tested_andRemoved() throws Exception {
    assertEquals(0, run("--kind", "--set", "operator.shards=2"), this::said);

    List<String> calls = calls();
    assertEquals("docker info", calls.get(0));
    assertEquals("fareway images", calls.get(1));
    assertEquals("kind delete cluster --name fareway-e2e", calls.get(2));
    assertTrue(calls.get(3).startsWith("kind create cluster --config "), calls::toString);
    assertTrue(
        calls.get(4).matches("kind load image-archive .*/node-daemon.tar --name fareway-e2e"));
    assertTrue(calls.get(5).matches("kind load image-archive .*/operator.tar --name fareway-e2e"));
    assertTrue(calls.get(6).contains("-Dtest=ClusterIT"), calls::toString);
    assertTrue(
        calls
            .get(6)
            .contains("-Dfareway.e2e.values=operator.shards=2,image.pullPolicy=IfNotPresent"),
        calls::toString);
    assertEquals("kind delete cluster --name fareway-e2e", calls.getLast());
    assertEquals(8, calls.size());
  }

  @Test
  void kind_isRemoved_whenATestFails_andTheLogIsNamed() throws Exception {
    program(bin.resolve("mvn"), "echo 'Tests run: 8, Failures: 1'; exit 1");

    assertEquals(1, run());

    assertEquals("kind delete cluster --name fareway-e2e", calls().getLast());
    assertTrue(said().contains("Tests run: 8, Failures: 1"), this::said);
    assertTrue(said().contains("e2e.log"), this::said);
  }

  @Test
  void kind_stays_whenItIsToBeKept() throws Exception {
    assertEquals(0, run("--keep"), this::said);

    assertTrue(calls().getLast().startsWith("mvn "), this::said);
    assertTrue(said().contains("KUBECONFIG="), this::said);
  }

  @Test
  void knative_isInstalled_andReachedOnLoopback() throws Exception {
    assertEquals(0, run("--knative"), this::said);

    String all = String.join("\n", calls());
    for (String file : List.of("serving-crds.yaml", "serving-core.yaml", "kourier.yaml")) {
      assertTrue(all.contains(file), all);
    }
    assertTrue(all.contains("patch configmap/config-network"), all);
    assertTrue(all.contains("\"nodePort\":31080"), all);
  }

  @Test
  void machineWithoutWhatIsNeeded_isSkipped_byName() throws Exception {
    program(bin.resolve("docker"), "echo 'Cannot connect to the Docker daemon'; exit 1");
    assertEquals(E2eCommand.SKIPPED, run());
    assertTrue(said().contains("skipped, no Docker engine answers"), this::said);
    assertTrue(said().contains("Cannot connect to the Docker daemon"), this::said);

    Files.delete(bin.resolve("kind"));
    assertEquals(E2eCommand.SKIPPED, run());
    assertTrue(said().contains("skipped, there is no kind on the PATH"), this::said);
    assertFalse(String.join("\n", calls()).contains("kind"), this::said);
  }

  @Test
  void givenCluster_isTestedAsItIs() throws Exception {
    Path config = Files.writeString(folder.resolve("config"), "");

    assertEquals(0, run(config.toString()), this::said);

    assertEquals(1, calls().size(), () -> said());
    assertTrue(calls().getFirst().contains("-Dfareway.e2e.kubeconfig=" + config));
  }

  @Test
  void wrongUsage_isRefused_beforeAnythingIsDone() throws Exception {
    assertEquals(2, run("--kind", "/none"));
    assertEquals(2, run("/none"));
    assertEquals(2, run("--set", "operator.shards"));
    assertEquals(2, run("--unknown"));
    assertEquals(List.of(), calls());
  }

  @Test
  void config_hasAControlPlane_threeWorkers_andSwap() throws Exception {
    JsonNode config = new YAMLMapper().readTree(KindConfig.of("name", true));

    assertEquals("name", config.path("name").asText());
    assertEquals(
        List.of("control-plane", "worker", "worker", "worker"),
        config.path("nodes").findValuesAsText("role"));
    assertEquals("127.0.0.1", config.at("/nodes/0/extraPortMappings/0/listenAddress").asText());
    JsonNode kubelet = new YAMLMapper().readTree(config.at("/kubeadmConfigPatches/0").asText());
    assertEquals("KubeletConfiguration", kubelet.path("kind").asText());
    assertFalse(kubelet.path("failSwapOn").asBoolean(true));
    assertEquals("LimitedSwap", kubelet.at("/memorySwap/swapBehavior").asText());
    assertEquals(4, new YAMLMapper().readTree(KindConfig.of("name", false)).path("nodes").size());
  }

  /** By kind itself, as far as it goes without an engine: it reads the file before it needs one. */
  @Test
  void config_isTakenByKind() throws Exception {
    var real = new Tools(folder.resolve("log"), String.valueOf(System.getenv("PATH")), Map.of());
    assumeTrue(real.find("kind").isPresent(), "skipped, there is no kind on the PATH");
    Path file =
        Files.writeString(folder.resolve("kind.yaml"), KindConfig.of("fareway-check", true));
    String said = "";
    try {
      said =
          real.run(
              java.time.Duration.ofSeconds(20),
              "kind",
              "create",
              "cluster",
              "--config",
              file.toString(),
              "--image",
              "none:none");
    } catch (ToolException e) {
      said = e.getMessage();
    }
    assertFalse(said.contains("unable to decode config"), said);
    assertFalse(said.contains("unknown field"), said);
  }
}

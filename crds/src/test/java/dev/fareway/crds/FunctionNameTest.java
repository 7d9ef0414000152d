package dev.fareway.crds;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

class FunctionNameTest {
  private static final Map<String, String> HASH = Map.of("pod-template-hash", "7d9f8");

  @Test
  void knativeService_comesFirst() {
    assertEquals(
        "resize",
        FunctionName.of(
            "resize-00001-deployment-7d9f8-x",
            Map.of("serving.knative.dev/service", "resize", "pod-template-hash", "7d9f8"),
            "resize-00001-deployment-7d9f8"));
  }

  @Test
  void deployment_isItsReplicaSetWithoutTheHash() {
    assertEquals("web", FunctionName.of("web-7d9f8-abcde", HASH, "web-7d9f8"));
  }

  @Test
  void controllerWithoutHash_isTheFunction() {
    assertEquals("db", FunctionName.of("db-0", Map.of(), "db"));
    assertEquals("db", FunctionName.of("db-0", HASH, "db"));
  }

  @Test
  void hashAlone_isNoName() {
    assertEquals("-7d9f8", FunctionName.of("x", HASH, "-7d9f8"));
  }

  @Test
  void barePod_isItsOwnFunction() {
    assertEquals("job", FunctionName.of("job", Map.of(), ""));
  }
}

package dev.fareway.e2e.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fareway.e2e.load.RunTimes;
import dev.fareway.e2e.report.PricedFunction;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.Test;

class ManifestsTest {
  private static final DemoFunction FUNCTION =
      new DemoFunction(
          new PricedFunction("batch", "image-processing", "0.5u"),
          8,
          2,
          new RunTimes(1.5, 1, 2),
          List.of(1.0));

  @Test
  void pod_isWhatAUserWouldWrite() {
    assertEquals(
        """
        ---
        apiVersion: "v1"
        kind: "Pod"
        metadata:
          annotations:
            fareway.dev/accept-class: "any"
            fareway.dev/concurrency: "2"
            fareway.dev/price-class: "batch"
          labels:
            app: "image-processing"
            fareway.dev/price-class: "batch"
          name: "image-processing-3"
        spec:
          containers:
          - command:
            - "/jdk/bin/java"
            - "-XX:+UseSerialGC"
            - "-XX:TieredStopAtLevel=1"
            - "-XX:CICompilerCount=1"
            - "-XX:-UsePerfData"
            - "-Xshare:auto"
            - "-Xmx64m"
            - "-Xmn32m"
            - "-Xss256k"
            - "-cp"
            - "/app/fareway-e2e.jar"
            - "dev.fareway.e2e.function.FunctionServer"
            env:
            - name: "PORT"
              value: "8081"
            - name: "K_SERVICE"
              value: "image-processing"
            - name: "FUNCTION_WORKERS"
              value: "2"
            image: "fareway.dev/demo-function:local"
            name: "function"
            ports:
            - containerPort: 8081
            readinessProbe:
              httpGet:
                path: "/healthz"
                port: 8081
              periodSeconds: 1
            resources:
              requests:
                memory: "64Mi"
          restartPolicy: "Never"
          schedulerName: "fareway"
          terminationGracePeriodSeconds: 5
        """,
        Serialization.asYaml(
            Manifests.pod(FUNCTION, 3, 8081, "/jdk/bin/java", "/app/fareway-e2e.jar")));
  }

  @Test
  void priceClass_hasThePaperPrice() {
    assertEquals(
        """
        ---
        apiVersion: "fareway.dev/v1alpha1"
        kind: "PriceClass"
        metadata:
          name: "batch"
        spec:
          pricePerCpuSecond: "0.5u"
          default: false
          swap: "UnderPressure"
          cpu:
            policy: "Auto"
        """,
        Serialization.asYaml(Manifests.priceClass(FUNCTION.priced())));
  }
}

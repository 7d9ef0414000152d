package dev.fareway.e2e.demo;

import dev.fareway.crds.Fareway;
import dev.fareway.crds.PriceClass;
import dev.fareway.crds.PriceClassSpec;
import dev.fareway.e2e.function.FunctionServer;
import dev.fareway.e2e.report.PricedFunction;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HTTPGetActionBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The demo's functions as a user would write them for Kubernetes. */
final class Manifests {
  /** The label by which the pods of a function are found. */
  static final String FUNCTION_LABEL = "app";

  /**
   * Small and quick to start; one compiler, one collector, so that little but the function's own
   * threads takes part.
   */
  private static final List<String> JVM_OPTIONS =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:CICompilerCount=1",
          "-XX:-UsePerfData",
          "-Xshare:auto",
          "-Xmx64m",
          "-Xmn32m",
          "-Xss256k");

  private Manifests() {}

  /** The class of a function. */
  static PriceClass priceClass(PricedFunction function) {
    PriceClass priceClass = new PriceClass();
    priceClass.getMetadata().setName(function.priceClass());
    priceClass.setSpec(PriceClassSpec.ofPrice(function.pricePerCpuSecond()));
    return priceClass;
  }

  /**
   * One instance of a function.
   *
   * @param number from 1, for its name
   * @param port where it listens
   * @param java the program that runs it
   * @param classPath where its classes are
   */
  static Pod pod(DemoFunction function, int number, int port, String java, String classPath) {
    String name = function.priced().function();
    List<String> command = new ArrayList<>();
    command.add(java);
    command.addAll(JVM_OPTIONS);
    command.addAll(List.of("-cp", classPath, FunctionServer.class.getName()));
    return new PodBuilder()
        .withNewMetadata()
        .withName(name + "-" + number)
        .addToLabels(FUNCTION_LABEL, name)
        .addToLabels(Fareway.PRICE_CLASS, function.priced().priceClass())
        // What the activator is to know: that callers choose, and how many it takes.
        .addToAnnotations("fareway.dev/accept-class", "any")
        .addToAnnotations("fareway.dev/concurrency", "" + function.workers())
        .addToAnnotations(Fareway.PRICE_CLASS, function.priced().priceClass())
        .endMetadata()
        .withNewSpec()
        .withSchedulerName(Fareway.SCHEDULER_NAME)
        .withRestartPolicy("Never")
        .withTerminationGracePeriodSeconds(5L)
        .withContainers(container(function, port, command))
        .endSpec()
        .build();
  }

  private static Container container(DemoFunction function, int port, List<String> command) {
    return new ContainerBuilder()
        .withName("function")
        .withImage("fareway.dev/demo-function:local")
        .withCommand(command)
        .withEnv(
            new EnvVar("PORT", "" + port, null),
            new EnvVar("K_SERVICE", function.priced().function(), null),
            new EnvVar("FUNCTION_WORKERS", "" + function.workers(), null))
        .withPorts(new ContainerPortBuilder().withContainerPort(port).build())
        .withReadinessProbe(
            new ProbeBuilder()
                .withHttpGet(
                    new HTTPGetActionBuilder().withPath("/healthz").withNewPort(port).build())
                .withPeriodSeconds(1)
                .build())
        .withNewResources()
        .withRequests(Map.of("memory", new Quantity("64Mi")))
        .endResources()
        .build();
  }
}

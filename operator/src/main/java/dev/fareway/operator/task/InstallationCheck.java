package dev.fareway.operator.task;

import dev.fareway.crds.Fareway;
import dev.fareway.crds.PriceClass;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What {@code helm test} asks: whether an installation does what it is for. What only just starts
 * is waited for.
 *
 * @param operator where the operator serves health
 * @param nodes whether nodes are to say what they enforce
 * @param admission namespace of a pod that admission is asked about, as a dry run; empty: not asked
 */
record InstallationCheck(URI operator, boolean nodes, Optional<String> admission) implements Task {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Duration REQUEST = Duration.ofSeconds(5);
  private static final long POLL_MILLIS = 1000;
  private static final String ENFORCEMENT = "FarewayEnforcement";

  /**
   * From the command line: {@code URL [--nodes] [--admission=NAMESPACE]}.
   *
   * @throws IllegalArgumentException naming what is wrong
   */
  static InstallationCheck of(List<String> arguments) {
    URI operator = null;
    boolean nodes = false;
    Optional<String> admission = Optional.empty();
    for (String argument : arguments) {
      if (argument.equals("--nodes")) {
        nodes = true;
      } else if (argument.startsWith("--admission=")) {
        admission = Optional.of(argument.substring("--admission=".length()));
      } else if (argument.startsWith("http://") && operator == null) {
        operator = URI.create(argument);
      } else {
        throw new IllegalArgumentException(
            "check takes the operator's http:// address, --nodes and --admission=NAMESPACE, got '%s'"
                .formatted(argument));
      }
    }
    if (operator == null) {
      throw new IllegalArgumentException("check needs the operator's http:// address");
    }
    return new InstallationCheck(operator, nodes, admission);
  }

  private interface Step {
    /** What is wrong; empty if all is well. */
    Optional<String> problem() throws InterruptedException;
  }

  @Override
  public int run(KubernetesClient client, PrintStream out) throws InterruptedException {
    long end = System.nanoTime() + LIMIT.toNanos();
    boolean well = await(out, "the operator is ready", this::operatorProblem, end);
    well &= await(out, "price classes are ranked", () -> classProblem(client), end);
    if (nodes) {
      well &= await(out, "nodes say what they enforce", () -> nodeProblem(client), end);
    }
    if (admission.isPresent()) {
      well &=
          await(
              out,
              "admission knows a function",
              () -> admissionProblem(client, admission.get()),
              end);
    }
    return well ? DONE : FAILED;
  }

  private static boolean await(PrintStream out, String what, Step step, long end)
      throws InterruptedException {
    while (true) {
      Optional<String> problem;
      try {
        problem = step.problem();
      } catch (KubernetesClientException e) {
        problem = Optional.of(String.valueOf(e.getMessage()));
      }
      if (problem.isEmpty()) {
        out.println("ok      " + what);
        return true;
      }
      if (System.nanoTime() > end) {
        out.printf("not ok  %s: %s%n", what, problem.get());
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
  }

  private Optional<String> operatorProblem() throws InterruptedException {
    try (HttpClient http = HttpClient.newBuilder().connectTimeout(REQUEST).build()) {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(operator.resolve("/q/health/ready")).timeout(REQUEST).build(),
              HttpResponse.BodyHandlers.ofString());
      return answer.statusCode() == 200
          ? Optional.empty()
          : Optional.of("%s says %d: %s".formatted(operator, answer.statusCode(), answer.body()));
    } catch (IOException e) {
      return Optional.of("%s does not answer: %s".formatted(operator, e));
    }
  }

  private static List<String> ranked(KubernetesClient client) {
    return client.resources(PriceClass.class).list().getItems().stream()
        .filter(of -> of.getStatus() != null && of.getStatus().rank() != null)
        .map(of -> of.getMetadata().getName())
        .toList();
  }

  private static Optional<String> classProblem(KubernetesClient client) {
    return ranked(client).isEmpty() ? Optional.of("there is none with a rank") : Optional.empty();
  }

  private static Optional<String> nodeProblem(KubernetesClient client) {
    List<String> silent = new ArrayList<>();
    List<Node> all = client.nodes().list().getItems();
    for (Node node : all) {
      if (node.getStatus() == null
          || node.getStatus().getConditions().stream()
              .map(NodeCondition::getType)
              .noneMatch(ENFORCEMENT::equals)) {
        silent.add(node.getMetadata().getName());
      }
    }
    // Nodes that the daemon is not for are none of ours.
    return silent.size() < all.size() || all.isEmpty()
        ? Optional.empty()
        : Optional.of("none of %s has the condition %s".formatted(silent, ENFORCEMENT));
  }

  private static Optional<String> admissionProblem(KubernetesClient client, String namespace) {
    List<String> classes = ranked(client);
    if (classes.isEmpty()) {
      return Optional.of("there is no class to ask about");
    }
    Pod asked =
        new PodBuilder()
            .withNewMetadata()
            .withName("fareway-check")
            .withNamespace(namespace)
            .addToAnnotations(Fareway.PRICE_CLASS, classes.getFirst())
            .endMetadata()
            .withNewSpec()
            .withAutomountServiceAccountToken(false)
            .withNewSecurityContext()
            .withRunAsNonRoot(true)
            .withRunAsUser(65532L)
            .withNewSeccompProfile()
            .withType("RuntimeDefault")
            .endSeccompProfile()
            .endSecurityContext()
            .addNewContainer()
            .withName("function")
            .withImage("never-pulled")
            .withNewSecurityContext()
            .withAllowPrivilegeEscalation(false)
            .withNewCapabilities()
            .withDrop("ALL")
            .endCapabilities()
            .endSecurityContext()
            .endContainer()
            .endSpec()
            .build();
    Pod admitted = client.resource(asked).dryRun().create();
    String scheduler = admitted.getSpec().getSchedulerName();
    return Fareway.SCHEDULER_NAME.equals(scheduler)
        ? Optional.empty()
        : Optional.of(
            "a pod of class %s in namespace %s keeps the scheduler %s: the API server does not reach the webhook"
                .formatted(classes.getFirst(), namespace, scheduler));
  }
}

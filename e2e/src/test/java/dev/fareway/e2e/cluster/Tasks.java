package dev.fareway.e2e.cluster;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetStatus;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.api.model.batch.v1.JobConditionBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.NullUnmarked;

/**
 * In the place of controllers and kubelets for what a chart's hooks and its test bring: runs the
 * packaged programs with the arguments of the hooks' containers, under the hooks' accounts.
 */
@NullUnmarked
final class Tasks implements AutoCloseable {
  private static final String COMPONENT = "app.kubernetes.io/component";
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private final KubernetesClient admin;
  private final String namespace;
  private final TaskPrograms programs;
  private final Set<String> seen = ConcurrentHashMap.newKeySet();
  private final Map<String, String> outputs = new ConcurrentHashMap<>();
  private final Thread thread;
  private final boolean hasNode;

  /**
   * Runs them until it is closed.
   *
   * @param arguments what an argument becomes here, such as the name of a Service, which nobody
   *     resolves
   * @param restoreOnNode more arguments for the node daemon's program on the one node; empty: there
   *     is no node
   */
  Tasks(
      KubernetesClient admin,
      String namespace,
      Path folder,
      UnaryOperator<String> arguments,
      List<String> restoreOnNode) {
    this.admin = admin;
    this.namespace = namespace;
    this.programs = new TaskPrograms(admin, namespace, folder, arguments, restoreOnNode);
    this.hasNode = !restoreOnNode.isEmpty();
    this.thread = Thread.ofPlatform().name("tasks").daemon().start(this::run);
  }

  /** All that the tasks printed, by the names of their objects: for the message of a failure. */
  String told() {
    return "tasks so far: " + outputs;
  }

  /** What the task of an object of this name printed when it ran last. */
  String output(String name) {
    return outputs.getOrDefault(name, "(it did not run)");
  }

  private void run() {
    try {
      while (true) {
        TimeUnit.MILLISECONDS.sleep(100);
        try {
          look();
        } catch (KubernetesClientException e) {
          System.err.println("tasks: " + e.getMessage());
        }
      }
    } catch (InterruptedException e) {
      // Closed.
    } catch (IOException e) {
      System.err.println("tasks end: " + e);
    }
  }

  private void look() throws IOException, InterruptedException {
    for (DaemonSet set :
        admin
            .apps()
            .daemonSets()
            .inNamespace(namespace)
            .withLabel(COMPONENT, "task")
            .list()
            .getItems()) {
      if (seen.add(set.getMetadata().getUid())) {
        onNode(set);
      }
    }
    for (Job job :
        admin
            .batch()
            .v1()
            .jobs()
            .inNamespace(namespace)
            .withLabel(COMPONENT, "task")
            .list()
            .getItems()) {
      if (seen.add(job.getMetadata().getUid())) {
        int status = operator(job.getMetadata().getName(), job.getSpec().getTemplate().getSpec());
        end(job, status == 0);
      }
    }
    for (Pod pod :
        admin.pods().inNamespace(namespace).withLabel(COMPONENT, "task").list().getItems()) {
      if (seen.add(pod.getMetadata().getUid())) {
        int status = operator(pod.getMetadata().getName(), pod.getSpec());
        admin
            .resource(pod)
            .editStatus(
                now -> {
                  now.getStatus().setPhase(status == 0 ? "Succeeded" : "Failed");
                  return now;
                });
      }
    }
  }

  private void onNode(DaemonSet set) throws IOException, InterruptedException {
    int nodes = hasNode ? 1 : 0;
    int status = 0;
    if (hasNode) {
      String name = set.getMetadata().getName() + "-on-node";
      PodSpec spec = set.getSpec().getTemplate().getSpec();
      status = end(name, programs.startOnNode(name, spec));
    }
    int ready = status == 0 ? nodes : 0;
    admin
        .resource(set)
        .editStatus(
            now -> {
              var of = new DaemonSetStatus();
              of.setObservedGeneration(now.getMetadata().getGeneration());
              of.setDesiredNumberScheduled(nodes);
              of.setCurrentNumberScheduled(nodes);
              of.setNumberMisscheduled(0);
              of.setNumberReady(ready);
              now.setStatus(of);
              return now;
            });
  }

  private int operator(String name, PodSpec spec) throws IOException, InterruptedException {
    return end(name, programs.start(name, spec));
  }

  private int end(String name, Process process) throws IOException, InterruptedException {
    try {
      return process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS) ? process.exitValue() : -1;
    } finally {
      process.destroyForcibly();
      outputs.put(name, Files.readString(programs.log(name)));
    }
  }

  /**
   * As the Job controller says it, or the API server does not take it: since 1.31 in two steps, of
   * which an older one does not know the first.
   */
  private void end(Job job, boolean well) {
    try {
      admin
          .resource(job)
          .editStatus(
              now -> ended(now, well, List.of(well ? "SuccessCriteriaMet" : "FailureTarget")));
    } catch (KubernetesClientException e) {
      if (e.getCode() != 422) {
        throw e;
      }
      admin.resource(job).editStatus(now -> ended(now, well, List.of()));
    }
  }

  private static Job ended(Job job, boolean well, List<String> before) {
    String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    var status = new JobStatus();
    status.setStartTime(job.getMetadata().getCreationTimestamp());
    List<JobCondition> conditions = new ArrayList<>();
    before.forEach(type -> conditions.add(condition(type, now)));
    conditions.add(condition(well ? "Complete" : "Failed", now));
    if (well) {
      status.setSucceeded(1);
      status.setCompletionTime(now);
    } else {
      status.setFailed(1);
    }
    status.setConditions(conditions);
    job.setStatus(status);
    return job;
  }

  private static JobCondition condition(String type, String now) {
    return new JobConditionBuilder()
        .withType(type)
        .withStatus("True")
        .withLastTransitionTime(now)
        .withLastProbeTime(now)
        .build();
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(LIMIT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

package dev.fareway.e2e.cluster;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The packaged programs, as a chart's hooks and its test run them: with the arguments of their
 * containers, each under its own account.
 */
final class TaskPrograms {
  private final KubernetesClient admin;
  private final String namespace;
  private final Path folder;
  private final UnaryOperator<String> arguments;
  private final List<String> moreOnNode;

  /**
   * Programs that print to files in this folder.
   *
   * @param arguments what an argument becomes here, such as the name of a Service, which nobody
   *     resolves
   * @param moreOnNode more arguments for the node daemon's program on the one node
   */
  TaskPrograms(
      KubernetesClient admin,
      String namespace,
      Path folder,
      UnaryOperator<String> arguments,
      List<String> moreOnNode) {
    this.admin = admin;
    this.namespace = namespace;
    this.folder = folder;
    this.arguments = arguments;
    this.moreOnNode = List.copyOf(moreOnNode);
  }

  /** The program of a Job or of a Pod. */
  Process start(String name, PodSpec spec) throws IOException {
    List<String> command = new ArrayList<>();
    command.add("-jar");
    command.add(artifact(LocalCluster.OPERATOR).toString());
    spec.getContainers().getFirst().getArgs().stream().map(arguments).forEach(command::add);
    return java(name, spec.getServiceAccountName(), command);
  }

  /** The program of a DaemonSet's first container that ends, on the one node. */
  Process startOnNode(String name, PodSpec spec) throws IOException {
    Container container = spec.getInitContainers().getFirst();
    List<String> command = new ArrayList<>();
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-jar");
    command.add(artifact(LocalCluster.NODE_DAEMON).toString());
    container.getArgs().stream()
        .filter(argument -> !argument.startsWith("--cgroup-root"))
        .forEach(command::add);
    command.addAll(moreOnNode);
    return java(name, spec.getServiceAccountName(), command);
  }

  /** What a program of this name printed when it ran last. */
  Path log(String name) {
    return folder.resolve(name + ".task.log");
  }

  private Process java(String name, String account, List<String> arguments) throws IOException {
    Path config =
        Accounts.kubeconfig(admin, namespace, account, folder.resolve(name + ".kubeconfig"));
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log(name).toFile());
    builder.environment().put("KUBECONFIG", config.toString());
    Process process = builder.start();
    process.getOutputStream().close();
    return process;
  }

  private static Path artifact(String path) {
    return LocalClusterOptions.in(Path.of("")).home().resolve(path);
  }
}

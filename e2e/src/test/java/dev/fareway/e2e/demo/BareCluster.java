package dev.fareway.e2e.demo;

import dev.fareway.e2e.function.FunctionServer;
import dev.fareway.e2e.report.Enforcement;
import dev.fareway.e2e.report.Placement;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A cluster without Kubernetes and without enforcement: the functions' processes and nothing else.
 */
final class BareCluster implements DemoCluster {
  private static final int READY_TRIES = 600;

  private final List<Process> processes = new ArrayList<>();

  @Override
  public String apiServer() {
    return "none";
  }

  @Override
  public List<Instance> deploy(List<DemoFunction> functions)
      throws IOException, InterruptedException {
    List<Instance> instances = new ArrayList<>();
    for (DemoFunction function : functions) {
      for (int i = 0; i < function.replicas(); i++) {
        int port = freePort();
        String name = function.priced().function();
        processes.add(start(name, port, function.workers()));
        instances.add(
            new Instance(
                new Placement(name + "-" + i, name, function.priced().priceClass(), "here"),
                URI.create("http://127.0.0.1:" + port)));
      }
    }
    for (Instance instance : instances) {
      awaitListening(instance.uri());
    }
    return instances;
  }

  @Override
  public Enforcement enforce(boolean on) {
    return new Enforcement(on ? "RealTime" : "Off", "so this fake says");
  }

  @Override
  public List<String> howToLook() {
    return List.of();
  }

  @Override
  public void close() {
    processes.forEach(Process::destroyForcibly);
  }

  List<Process> processes() {
    return processes;
  }

  private static Process start(String name, int port, int workers) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                FunctionServer.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("PORT", "" + port);
    builder.environment().put("K_SERVICE", name);
    builder.environment().put("FUNCTION_WORKERS", "" + workers);
    return builder.start();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void awaitListening(URI uri) throws InterruptedException {
    for (int i = 0; i < READY_TRIES; i++) {
      try (Socket _ = new Socket(uri.getHost(), uri.getPort())) {
        return;
      } catch (IOException e) {
        Thread.sleep(50);
      }
    }
    throw new AssertionError(uri + " does not listen");
  }
}

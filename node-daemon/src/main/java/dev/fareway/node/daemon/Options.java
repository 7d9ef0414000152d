package dev.fareway.node.daemon;

import dev.fareway.node.core.MemoryOptions;
import dev.fareway.node.core.Mode;
import dev.fareway.node.kubernetes.Quantities;
import dev.fareway.node.linux.Memory;
import dev.fareway.protocol.client.OperatorAccess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the daemon can be told on its command line. */
final class Options {
  @Spec(Spec.Target.MIXEE)
  @Nullable CommandSpec spec;

  @Option(
      names = "--node-name",
      paramLabel = "NAME",
      description =
          "This node's name in the cluster. Default: the variable NODE_NAME, else the host's name.")
  @Nullable String nodeName;

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description =
          "How to reach the API server. Default: the variable KUBECONFIG, else the pod's service account.")
  @Nullable Path kubeconfig;

  @Option(
      names = "--operator",
      paramLabel = "HOST:PORT",
      description =
          "Where the operator is; every address that HOST stands for is a replica to report to. May be given several times."
              + " Without --operator-ca only loopback addresses are allowed. Default: none, the node is then placed on by its pods alone.")
  List<String> operators = new ArrayList<>();

  @Option(
      names = "--operator-ca",
      paramLabel = "FILE",
      description =
          "PEM file with the certificate authorities to know the operator by. Default: no TLS.")
  @Nullable Path operatorCa;

  @Option(
      names = "--operator-token",
      paramLabel = "FILE",
      description =
          "Service account token, bound to this pod, by which the operator knows which node this is. Default: none is sent.")
  @Nullable Path operatorToken;

  @Option(
      names = "--cgroup-root",
      paramLabel = "DIR",
      defaultValue = "/sys/fs/cgroup",
      description =
          "The cgroup v2 directory that holds kubepods.slice or kubepods. Default: ${DEFAULT-VALUE}.")
  Path cgroupRoot = Path.of("/sys/fs/cgroup");

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      defaultValue = "Auto",
      description =
          "Auto: real time (SCHED_FIFO) where the kernel allows it, else by weight. RealTime, Weighted: as it says, if it"
              + " can be had. Off: nothing is enforced. Default: ${DEFAULT-VALUE}.")
  ModeOption mode = ModeOption.Auto;

  @Option(
      names = "--system-reserve",
      paramLabel = "PERCENT",
      defaultValue = "10",
      description =
          "How much of each CPU real-time functions leave to the node's own services, beyond what the kernel keeps back"
              + " (5 of 100): a class that uses more is taken off real time. 0 to 90. Default: ${DEFAULT-VALUE}.")
  int systemReserve = 10;

  @Option(
      names = "--memory",
      paramLabel = "On|Off",
      defaultValue = "On",
      description =
          "Whether functions' memory is managed: the cheapest are swapped first when the node runs short. Default:"
              + " ${DEFAULT-VALUE}.")
  Switch memory = Switch.On;

  @Option(
      names = "--memory-watermarks",
      paramLabel = "CRITICAL,LOW,HIGH",
      split = ",",
      defaultValue = "4,10,15",
      description =
          "Percentages of the node's memory that are available: below LOW functions are swapped until HIGH; below CRITICAL,"
              + " when nothing is left to swap, the cheapest is evicted. Default: ${DEFAULT-VALUE}.")
  List<Integer> memoryWatermarks = List.of(4, 10, 15);

  @Option(
      names = "--memory-freeze",
      description =
          "Stop a function for the moment in which it is swapped, unless the kubelet probes it for liveness.")
  boolean memoryFreeze;

  @Option(names = "--dry-run", description = "Only count what would be changed.")
  boolean dryRun;

  @Option(
      names = "--status-port",
      paramLabel = "PORT",
      defaultValue = "9482",
      description = "Port of /healthz, /readyz and /metrics; 0: none. Default: ${DEFAULT-VALUE}.")
  int statusPort;

  @Option(
      names = "--status-address",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description =
          "Address that the status port is on. Everyone who reaches it may read it. Default: ${DEFAULT-VALUE}.")
  InetAddress statusAddress = InetAddress.getLoopbackAddress();

  @Option(
      names = "--restore",
      description =
          "Only put back what a daemon that ran here before has left, and end: 0 if all of it could be.")
  boolean restore;

  @Option(
      names = "--stay",
      description = "With --restore: stay afterwards until told to end, as a DaemonSet's pod must.")
  boolean stay;

  @Option(
      names = "--idle-memory",
      paramLabel = "QUANTITY",
      description =
          "The node joins an idle list at or above so much available memory, such as 2Gi, or 10%% of all. Default: 10%%.")
  @Nullable String idleMemory;

  @Option(
      names = "--memory-price",
      paramLabel = "QUANTITY",
      defaultValue = "0",
      description =
          "Price of holding a GiB of memory for a second, in the cluster's currency unit, such as 100n. Default: ${DEFAULT-VALUE}.")
  String memoryPrice = "0";

  @Option(
      names = "--usage-interval",
      paramLabel = "SECONDS",
      defaultValue = "30",
      description =
          "This node's usage is written at most once in so many seconds, 1 or more. Default: ${DEFAULT-VALUE}.")
  int usageInterval = 30;

  /** Whether something is done. */
  enum Switch {
    On,
    Off
  }

  /** Modes as they are written on the command line. */
  enum ModeOption {
    Auto(Mode.AUTO),
    RealTime(Mode.REAL_TIME),
    Weighted(Mode.WEIGHTED),
    Off(Mode.OFF);

    private final Mode mode;

    ModeOption(Mode mode) {
      this.mode = mode;
    }

    Mode mode() {
      return mode;
    }
  }

  String nodeName() {
    if (nodeName != null && !nodeName.isBlank()) {
      return nodeName;
    }
    String variable = System.getenv("NODE_NAME");
    if (variable != null && !variable.isBlank()) {
      return variable;
    }
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      throw wrong("The host has no name: give this node's name with --node-name.");
    }
  }

  long idleMemoryBytes() {
    try {
      if (idleMemory == null) {
        return Memory.totalBytes() / 10;
      }
      if (idleMemory.matches("[0-9]{1,2}%")) {
        int percent = Integer.parseInt(idleMemory, 0, idleMemory.length() - 1, 10);
        return Memory.totalBytes() / 100 * percent;
      }
      return Quantities.units(idleMemory);
    } catch (IllegalArgumentException e) {
      throw wrong(
          "--idle-memory is '%s': give an amount of memory such as 500Mi or 2Gi, or a share such as 10%%."
              .formatted(idleMemory));
    } catch (IOException e) {
      throw wrong(
          "The node's memory can't be read (%s): give --idle-memory.".formatted(e.getMessage()));
    }
  }

  /** In nano-units per GiB second. */
  long memoryPrice() {
    try {
      long price = Quantities.nanos(memoryPrice);
      if (price >= 0) {
        return price;
      }
    } catch (IllegalArgumentException | ArithmeticException e) {
      // Said below.
    }
    throw wrong(
        "--memory-price is '%s': give a price such as 100n or 0, in whole nano-units."
            .formatted(memoryPrice));
  }

  MemoryOptions memoryOptions() throws IOException {
    return MemoryOptions.ofPercent(
        Memory.totalBytes(),
        memoryWatermarks.get(0),
        memoryWatermarks.get(1),
        memoryWatermarks.get(2),
        memoryFreeze);
  }

  /** Refuses what can't work, with a sentence. */
  void check() {
    var _ = memoryPrice();
    if (usageInterval < 1) {
      throw wrong("--usage-interval is %d: give 1 or more.".formatted(usageInterval));
    }
    try {
      var _ = operatorAccess();
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
    if (systemReserve < 0 || systemReserve > 90) {
      throw wrong(
          "--system-reserve is %d: write a percentage from 0 to 90.".formatted(systemReserve));
    }
    if (memoryWatermarks.size() != 3
        || memoryWatermarks.get(0) < 0
        || memoryWatermarks.get(1) < memoryWatermarks.get(0)
        || memoryWatermarks.get(2) < Math.max(1, memoryWatermarks.get(1))
        || memoryWatermarks.get(2) > 90) {
      throw wrong(
          "--memory-watermarks is %s: write three percentages from 0 to 90, none less than the one before."
              .formatted(memoryWatermarks));
    }
    if (stay && !restore) {
      throw wrong("--stay goes with --restore only.");
    }
    if (statusPort < 0 || statusPort > 65_535) {
      throw wrong("--status-port is %d: write a port from 0 to 65535.".formatted(statusPort));
    }
    var _ = idleMemoryBytes();
    var _ = nodeName();
  }

  OperatorAccess operatorAccess() {
    return OperatorAccess.of(operators, operatorCa, operatorToken);
  }

  static String version() {
    return Objects.requireNonNullElse(Options.class.getPackage().getImplementationVersion(), "dev");
  }

  private ParameterException wrong(String message) {
    return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
  }
}

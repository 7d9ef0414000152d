package dev.fareway.e2e.uml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.NullUnmarked;

/**
 * A User-Mode Linux node with the packaged node daemon on it, a small API server, and functions
 * that are real processes in cgroups as a kubelet lays them out, in both naming styles.
 */
@NullUnmarked
final class DaemonNode implements AutoCloseable {
  static final Duration LIMIT = Duration.ofMinutes(3);
  private static final Path HOME =
      Path.of(System.getProperty("fareway.home", "..")).toAbsolutePath().normalize();
  private static final Path PERL = Path.of("/usr/bin/perl");
  private static final Path APP = HOME.resolve("node-daemon/target/app");
  private static final Path TEST_CLASSES = HOME.resolve("e2e/target/test-classes");
  private static final String JAVA = System.getProperty("java.home") + "/bin/java";
  private static final String SMALL =
      "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx8m -Xss256k -XX:-UsePerfData";
  private static final int PORT = 8080;

  /** Where a function's cgroups are. */
  record Place(String pod, String container) {}

  private final UmlNode node;
  private final Map<String, Place> places = new TreeMap<>();

  private DaemonNode(UmlNode node) {
    this.node = node;
  }

  /** A node, or the test is skipped by name. */
  static DaemonNode boot(UmlOptions options) throws Exception {
    var missing = UmlNode.missing();
    assumeTrue(
        missing.isEmpty(), () -> "skipped, no User-Mode Linux node: " + missing.orElseThrow());
    Path jar = APP.resolve("fareway-node-daemon.jar");
    assumeTrue(Files.exists(jar), () -> "skipped, the node daemon is not built: " + jar);
    assumeTrue(Files.isExecutable(PERL), () -> "skipped, the functions are in Perl: no " + PERL);
    var node = new DaemonNode(UmlNode.boot(options));
    try {
      node.prepare();
      return node;
    } catch (Exception | AssertionError e) {
      node.close();
      throw e;
    }
  }

  private void prepare() throws Exception {
    Path folder = node.sharedFolder();
    for (String kind : List.of("pods", "priceclasses", "namespaces")) {
      Files.createDirectory(folder.resolve(kind));
    }
    try (var function = DaemonNode.class.getResourceAsStream("memory-function.pl")) {
      Files.copy(Objects.requireNonNull(function), folder.resolve("memory-function.pl"));
    }
    priceClass("dear", 2, "3u", "UnderPressure");
    priceClass("middle", 1, "2u", "UnderPressure");
    priceClass("cheap", 0, "1u", "UnderPressure");
    Files.writeString(
        folder.resolve("kubeconfig"),
        """
        current-context: t
        contexts: [{name: t, context: {cluster: t}}]
        clusters: [{name: t, cluster: {server: "http://127.0.0.1:%d"}}]
        """
            .formatted(PORT));
    run(
        """
        echo '+cpu +memory' > /sys/fs/cgroup/cgroup.subtree_control
        %s
        mkdir -p /sys/fs/cgroup/system.slice
        sleep 100000 < /dev/null > /dev/null 2>&1 &
        echo $! > /sys/fs/cgroup/system.slice/cgroup.procs
        %s %s -cp %s dev.fareway.e2e.uml.NodeApi %s %d < /dev/null > %s/api.log 2>&1 &
        """
            .formatted(
                controllers(
                    "kubepods.slice",
                    "kubepods.slice/kubepods-burstable.slice",
                    "kubepods",
                    "kubepods/burstable",
                    "kubepods/besteffort"),
                JAVA,
                SMALL,
                TEST_CLASSES,
                folder,
                PORT,
                folder));
  }

  private static String controllers(String... slices) {
    var script = new StringBuilder();
    for (String slice : slices) {
      script.append(
          "mkdir -p /sys/fs/cgroup/%s && echo '+cpu +memory' > /sys/fs/cgroup/%s/cgroup.subtree_control\n"
              .formatted(slice, slice));
    }
    return script.toString();
  }

  /** Makes a price class, or changes it. */
  void priceClass(String name, int rank, String price, String swap) throws Exception {
    write(
        "priceclasses",
        name,
        """
        {"metadata":{"name":"%s","resourceVersion":"2"},"spec":{"pricePerCpuSecond":"%s","swap":"%s"},
        "status":{"rank":%d,"cpuWeight":%d%s}}"""
            .formatted(
                name,
                price,
                swap,
                rank,
                rank == 0 ? 1 : rank == 1 ? 100 : 10_000,
                rank == 0 ? "" : ",\"realtimePriority\":" + (2 * rank - 1)));
  }

  /** Replaced as a whole, so that nobody reads half of it. */
  private void write(String kind, String name, String json) throws Exception {
    Path folder = node.sharedFolder();
    Path part = Files.writeString(folder.resolve(name + ".part"), json);
    Files.move(
        part,
        folder.resolve(kind).resolve(name + ".json"),
        java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Starts a function in a pod of its own.
   *
   * @param style of the kubelet's cgroup names: systemd or cgroupfs
   */
  void function(int number, String name, String priceClass, String style) throws Exception {
    String uid = "%08d-0000-4000-8000-000000000000".formatted(number);
    String id = "%064x".formatted(number + 0xabcdef);
    Place place =
        style.equals("systemd")
            ? place(
                "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod%s.slice"
                    .formatted(uid.replace('-', '_')),
                "cri-containerd-%s.scope".formatted(id))
            : place("kubepods/besteffort/pod" + uid, id);
    places.put(name, place);
    // As the kubelet does without swap for containers.
    run(
        """
        %s
        mkdir %s && echo 0 > %s/memory.swap.max
        sh -c 'echo $$ > %s/cgroup.procs; echo 900 > /proc/self/oom_score_adj; exec "$@"' - \
            perl %s/memory-function.pl %s %s < /dev/null > %s/%s.log 2>&1 &
        """
            .formatted(
                controllers(place.pod().substring("/sys/fs/cgroup/".length())),
                place.container(),
                place.container(),
                place.container(),
                node.sharedFolder(),
                node.sharedFolder(),
                name,
                node.sharedFolder(),
                name));
    write(
        "pods",
        uid,
        """
        {"metadata":{"name":"%s","namespace":"d","uid":"%s","resourceVersion":"2",
        "annotations":{"fareway.dev/price-class":"%s"}},"spec":{"containers":[{"name":"c"}]},
        "status":{"containerStatuses":[{"name":"c","containerID":"containerd://%s"}]}}"""
            .formatted(name, uid, priceClass, id));
  }

  private static Place place(String pod, String container) {
    return new Place("/sys/fs/cgroup/" + pod, "/sys/fs/cgroup/" + pod + "/" + container);
  }

  /** The API server says that a pod is gone. */
  void forget(String name) throws Exception {
    String pod = places.remove(name).pod();
    String uid = pod.substring(pod.lastIndexOf("pod") + 3).replace(".slice", "").replace('_', '-');
    Files.delete(node.sharedFolder().resolve("pods").resolve(uid + ".json"));
  }

  /** Starts the packaged daemon, and waits until it has seen the API server. */
  void startDaemon(String... more) throws Exception {
    run(
        """
        %s @%s/jvm.options -jar %s/fareway-node-daemon.jar --node-name n --kubeconfig %s/kubeconfig \
            %s < /dev/null >> %s/daemon.log 2>&1 &
        echo $! > %s/daemon.pid
        """
            .formatted(
                JAVA,
                APP,
                APP,
                node.sharedFolder(),
                String.join(" ", more),
                node.sharedFolder(),
                node.sharedFolder()));
    eventually("the daemon is ready", "busybox wget -q -O /dev/null http://127.0.0.1:9482/readyz");
  }

  /** Ends the daemon in order, and waits. */
  void stopDaemon() throws Exception {
    run("kill $(cat %s/daemon.pid)".formatted(node.sharedFolder()));
    eventually(
        "the daemon ends",
        "! kill -0 $(cat %s/daemon.pid) 2>/dev/null".formatted(node.sharedFolder()));
  }

  /** Has a function hold so much memory, and waits until it does. */
  void hold(String name, int mebibytes) throws Exception {
    Files.deleteIfExists(node.sharedFolder().resolve(name + ".holds"));
    want(name, mebibytes);
    eventually(
        name + " holds " + mebibytes, "test -e %s/%s.holds".formatted(node.sharedFolder(), name));
  }

  /** The same without waiting. */
  void want(String name, int mebibytes) throws Exception {
    Path part = node.sharedFolder().resolve(name + ".part");
    Files.writeString(part, Integer.toString(mebibytes));
    Files.move(
        part,
        node.sharedFolder().resolve(name + ".want"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  /** How many milliseconds a function takes over each further MiB. */
  void pace(String name, int millis) throws Exception {
    Files.writeString(node.sharedFolder().resolve(name + ".pace"), Integer.toString(millis));
  }

  /** What a function says of its memory, having looked at all of it. */
  String check(String name) throws Exception {
    Path folder = node.sharedFolder();
    Files.deleteIfExists(folder.resolve(name + ".checked"));
    Files.writeString(folder.resolve(name + ".check"), "");
    eventually(name + " is checked", "test -s %s/%s.checked".formatted(folder, name));
    return Files.readString(folder.resolve(name + ".checked"));
  }

  /** A number from a file of a function's pod, such as {@code memory.swap.current}. */
  long number(String name, String file) throws Exception {
    return Long.parseLong(run("cat %s/%s".formatted(places.get(name).pod(), file)).strip());
  }

  /** A file of a function's container. */
  String ofContainer(String name, String file) throws Exception {
    return run("cat %s/%s".formatted(places.get(name).container(), file)).strip();
  }

  /** A field of a file of a function's pod. */
  long field(String name, String file, String field) throws Exception {
    for (String line : run("cat %s/%s".formatted(places.get(name).pod(), file)).split("\n", -1)) {
      if (line.startsWith(field + " ")) {
        return Long.parseLong(line.substring(field.length() + 1).strip());
      }
    }
    throw new AssertionError("no %s in %s".formatted(field, file));
  }

  /** Where a function's pod is. */
  String pod(String name) {
    return places.get(name).pod();
  }

  /** Where a function's container is. */
  String container(String name) {
    return places.get(name).container();
  }

  /** A shell condition on a metric of the daemon's, such as {@code -gt 0}. */
  String metricIs(String name, String comparison) {
    return "[ 0$(busybox wget -q -O - http://127.0.0.1:9482/metrics | sed -n 's/^%s //p') %s ]"
        .formatted(name, comparison);
  }

  /** A shell condition: nothing of a function lives any more. */
  String died(String name) {
    return "[ -z \"$(cat %s/cgroup.procs)\" ]".formatted(places.get(name).container());
  }

  /** Whether something of a function lives. */
  boolean lives(String name) throws Exception {
    return !run("cat %s/cgroup.procs".formatted(places.get(name).container())).isBlank();
  }

  /**
   * Begins to note down, several times a second, what functions have in memory and in swap: a line
   * of numbers each time, in a shared file.
   */
  void watch(String file, List<String> names) throws Exception {
    var files = new StringBuilder();
    for (String name : names) {
      String pod = places.get(name).pod();
      files.append(" %s/memory.stat %s/memory.swap.current".formatted(pod, pod));
    }
    // One process a moment: to start one takes long here.
    run(
        """
        touch %1$s/%2$s.on
        (while [ -e %1$s/%2$s.on ]; do
          grep -hE '^((in)?active_anon |swapcached |[0-9])' %3$s | tr '\\n' ' '; echo
          sleep 0.5
        done > %1$s/%2$s) < /dev/null > /dev/null 2>&1 &
        """
            .formatted(node.sharedFolder(), file, files));
  }

  /** Ends it. */
  void endWatch(String file) throws Exception {
    Files.delete(node.sharedFolder().resolve(file + ".on"));
  }

  /** Runs a script that is to succeed. */
  String run(String script) throws Exception {
    return node.run(script, LIMIT).orThrow();
  }

  /** Waits until a shell condition holds on the node, at most a minute and what asking takes. */
  void eventually(String what, String condition) throws Exception {
    var result =
        node.run(
            """
            i=0
            until { %s; }; do
              i=$((i+1)); [ $i -lt 300 ] || exit 1
              sleep 0.2
            done
            """
                .formatted(condition),
            LIMIT);
    assertEquals(
        0, result.exitStatus(), () -> "never: " + what + "\n" + result.err() + "\n" + logs());
  }

  /** What the daemon has printed. */
  String logs() {
    var all = new ArrayList<String>();
    for (String log : List.of("daemon.log", "api.log")) {
      try {
        all.add(log + ":\n" + Files.readString(node.sharedFolder().resolve(log)));
      } catch (java.io.IOException e) {
        all.add(log + ": " + e);
      }
    }
    return String.join("\n", all) + "\n" + node.console();
  }

  /** A file that host and node share; empty if it is not there. */
  String shared(String file) throws Exception {
    Path path = node.sharedFolder().resolve(file);
    return Files.exists(path) ? Files.readString(path) : "";
  }

  /** The daemon's metric. */
  long metric(String name) throws Exception {
    return Long.parseLong(
        run("busybox wget -q -O - http://127.0.0.1:9482/metrics | grep '^%s ' | cut -d' ' -f2"
                .formatted(name))
            .strip());
  }

  @Override
  public void close() {
    node.close();
  }
}

package dev.fareway.e2e.machine;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A Linux node with the packaged node daemon on it, a small API server, and functions that are real
 * processes in cgroups as a kubelet lays them out, in both naming styles. Not thread-safe.
 */
public final class DaemonNode implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final Path HOME =
      Path.of(System.getProperty("fareway.home", "..")).toAbsolutePath().normalize();
  private static final Path PERL = Path.of("/usr/bin/perl");
  private static final Path APP = HOME.resolve("node-daemon/target/app");
  private static final String SMALL =
      "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx8m -Xss256k -XX:-UsePerfData";
  private static final int PORT = 8080;
  private static final int ASKED = 300;

  /** Where a function's cgroups are. */
  private record Place(String uid, String id, String pod, String container) {}

  private final LinuxNode node;
  private final String controllers;
  private final Map<String, Place> places = new TreeMap<>();

  private DaemonNode(LinuxNode node, String controllers) {
    this.node = node;
    this.controllers = controllers;
  }

  /** Why there can be no such node here, whatever it runs on; empty if there can. */
  public static Optional<String> missing() {
    Path jar = APP.resolve("fareway-node-daemon.jar");
    if (!Files.exists(jar)) {
      return Optional.of("the node daemon is not built: no " + jar);
    }
    if (!Files.isExecutable(PERL)) {
      return Optional.of("the functions are in Perl: no " + PERL);
    }
    return Optional.empty();
  }

  /** The files of this machine that such a node needs, beside a JDK. */
  public static List<Path> files() throws IOException {
    var files = new ArrayList<>(List.of(APP, apiClasses(), PERL));
    try (var places = Files.newDirectoryStream(Path.of("/usr/lib"), "*-linux-gnu")) {
      for (Path place : places) {
        Path base = place.resolve("perl-base");
        if (Files.isDirectory(base)) {
          files.add(base);
        }
      }
    }
    return files;
  }

  /** Prepares a node that has just booted, which is closed with this or if this fails. */
  public static DaemonNode on(LinuxNode node) throws IOException, InterruptedException {
    return on(node, "+cpu +memory");
  }

  /**
   * The same.
   *
   * @param controllers that pods have, as {@code cgroup.subtree_control} takes them
   */
  public static DaemonNode on(LinuxNode node, String controllers)
      throws IOException, InterruptedException {
    var prepared = new DaemonNode(node, controllers);
    try {
      prepared.prepare();
      return prepared;
    } catch (IOException | InterruptedException | RuntimeException e) {
      node.close();
      throw e;
    }
  }

  private void prepare() throws IOException, InterruptedException {
    run("cd %s && mkdir pods priceclasses namespaces".formatted(node.folder()));
    for (String script : List.of("memory-function.pl", "node-snapshot.pl")) {
      try (InputStream text =
          Objects.requireNonNull(DaemonNode.class.getResourceAsStream(script))) {
        node.write(script, new String(text.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    priceClass("dear", 2, "3u", "UnderPressure");
    priceClass("middle", 1, "2u", "UnderPressure");
    priceClass("cheap", 0, "1u", "UnderPressure");
    node.write(
        "kubeconfig",
        """
        current-context: t
        contexts: [{name: t, context: {cluster: t}}]
        clusters: [{name: t, cluster: {server: "http://127.0.0.1:%d"}}]
        """
            .formatted(PORT));
    run(
        """
        echo '%s' > /sys/fs/cgroup/cgroup.subtree_control
        %s
        mkdir -p /sys/fs/cgroup/system.slice
        sleep 100000 < /dev/null > /dev/null 2>&1 &
        echo $! > /sys/fs/cgroup/system.slice/cgroup.procs
        """
            .formatted(
                controllers,
                controllers(
                    "kubepods.slice",
                    "kubepods.slice/kubepods-burstable.slice",
                    "kubepods",
                    "kubepods/burstable",
                    "kubepods/besteffort")));
    startApi();
  }

  /** Starts the API server. */
  public void startApi() throws IOException, InterruptedException {
    run(
        """
        %s %s -cp %s %s %s %d < /dev/null >> %s/api.log 2>&1 &
        echo $! > %s/api.pid
        """
            .formatted(
                node.java(),
                SMALL,
                apiClasses(),
                NodeApi.class.getName(),
                node.folder(),
                PORT,
                node.folder(),
                node.folder()));
  }

  /** Ends it at once. */
  public void killApi() throws IOException, InterruptedException {
    run("kill -9 $(cat %s/api.pid)".formatted(node.folder()));
  }

  private static Path apiClasses() {
    try {
      return Path.of(NodeApi.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private String controllers(String... slices) {
    var script = new StringBuilder();
    for (String slice : slices) {
      script.append(
          "mkdir -p /sys/fs/cgroup/%s && echo '%s' > /sys/fs/cgroup/%s/cgroup.subtree_control\n"
              .formatted(slice, controllers, slice));
    }
    return script.toString();
  }

  /** Makes a price class, or changes it. */
  public void priceClass(String name, int rank, String price, String swap)
      throws IOException, InterruptedException {
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

  private void write(String kind, String name, String json)
      throws IOException, InterruptedException {
    node.write("%s/%s.json".formatted(kind, name), json);
  }

  /**
   * Starts a function in a pod of its own.
   *
   * @param style of the kubelet's cgroup names: systemd or cgroupfs
   */
  public void function(int number, String name, String priceClass, String style)
      throws IOException, InterruptedException {
    String uid = "%08d-0000-4000-8000-000000000000".formatted(number);
    String id = "%064x".formatted(number + 0xabcdef);
    Place place =
        style.equals("systemd")
            ? place(
                uid,
                id,
                "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod%s.slice"
                    .formatted(uid.replace('-', '_')),
                "cri-containerd-%s.scope".formatted(id))
            : place(uid, id, "kubepods/besteffort/pod" + uid, id);
    places.put(name, place);
    // As the kubelet does without swap for containers.
    run(
        """
        %s
        mkdir %s && echo 0 > %s/memory.swap.max
        sh -c 'echo $$ > %s/cgroup.procs; echo 900 > /proc/self/oom_score_adj; exec "$@"' - \
            perl %s/memory-function.pl %s %s < /dev/null > %s/%s.log 2>&1 &
        i=0
        until [ -n "$(cat %s/cgroup.procs)" ]; do
          i=$((i+1)); [ $i -lt 600 ] || exit 1
          sleep 0.05
        done
        """
            .formatted(
                controllers(place.pod().substring("/sys/fs/cgroup/".length())),
                place.container(),
                place.container(),
                place.container(),
                node.folder(),
                node.folder(),
                name,
                node.folder(),
                name,
                place.container()));
    tell(name, priceClass);
  }

  /** The API server says of a function's pod that it is of this class now. */
  public void tell(String name, String priceClass) throws IOException, InterruptedException {
    Place place = placeOf(name);
    write(
        "pods",
        place.uid(),
        """
        {"metadata":{"name":"%s","namespace":"d","uid":"%s","resourceVersion":"2",
        "annotations":{"fareway.dev/price-class":"%s"}},"spec":{"containers":[{"name":"c"}]},
        "status":{"containerStatuses":[{"name":"c","containerID":"containerd://%s"}]}}"""
            .formatted(name, place.uid(), priceClass, place.id()));
  }

  /** The API server says of a function's pod what budgets have in force; empty: nothing. */
  public void tellBudget(String name, String mark) throws IOException, InterruptedException {
    String file = podFile(name);
    String json = run("cat " + file).replaceAll(",\"fareway.dev/budget\":\"[^\"]*\"", "");
    write(
        "pods",
        placeOf(name).uid(),
        mark.isEmpty()
            ? json
            : json.replaceFirst(
                "(\"fareway.dev/price-class\":\"[^\"]*\")",
                "$1,\"fareway.dev/budget\":\"" + mark + "\""));
  }

  /** Has the API server keep what the daemon writes of usage. */
  public void keepUsage() throws IOException, InterruptedException {
    run("mkdir %s/nodeusages".formatted(node.folder()));
  }

  /** What the daemon has written of usage: an object a line, of all months and pages. */
  public List<String> usage() throws IOException, InterruptedException {
    return run("for object in %s/nodeusages/*.json; do [ ! -e $object ] || { cat $object; echo; }; done"
            .formatted(node.folder()))
        .lines()
        .filter(line -> !line.isBlank())
        .toList();
  }

  /** The API server says of a function's pod that its kubelet probes whether it lives. */
  public void tellOfProbe(String name) throws IOException, InterruptedException {
    write(
        "pods",
        placeOf(name).uid(),
        run("cat " + podFile(name))
            .replace(
                "{\"name\":\"c\"}",
                "{\"name\":\"c\",\"livenessProbe\":{\"exec\":{\"command\":[\"true\"]}}}"));
  }

  /** From now on it is noted when a function's pod is frozen, in {@link #shared} of this name. */
  public String noteFreezing(String name) throws IOException, InterruptedException {
    String file = name + ".frozen";
    // The kernel tells of a change by an exceptional condition, poll(2); the text is read each
    // time.
    run(
        """
        perl -e '
          open(my $in, "<", "%1$s/cgroup.events") or die;
          while (1) {
            seek($in, 0, 0);
            if (join("", <$in>) =~ /frozen 1/) { open(my $out, ">", "%2$s/%3$s") or die; print $out "frozen"; exit }
            vec(my $changed = "", fileno($in), 1) = 1;
            select(undef, undef, $changed, 10);
          }' < /dev/null > /dev/null 2>&1 &
        """
            .formatted(placeOf(name).pod(), node.folder(), file));
    return file;
  }

  /**
   * Has a function use all the CPU time that it gets, as long as a file of the node's folder of its
   * name and {@code .burns} is there.
   */
  public void burn(String name) throws IOException, InterruptedException {
    run(
        """
        touch %1$s/%2$s.burns
        sh -c 'echo $$ > %3$s/cgroup.procs; while [ -e %1$s/%2$s.burns ]; do i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; done' \
            < /dev/null > /dev/null 2>&1 &
        """
            .formatted(node.folder(), name, placeOf(name).container()));
  }

  /** Ends that, and waits until it has. */
  public void endBurning(String name) throws IOException, InterruptedException {
    run("rm -f %s/%s.burns".formatted(node.folder(), name));
    eventually(
        name + " is quiet",
        "[ $(wc -l < %s/cgroup.procs) -eq 1 ]".formatted(placeOf(name).container()));
  }

  private static Place place(String uid, String id, String pod, String container) {
    return new Place(uid, id, "/sys/fs/cgroup/" + pod, "/sys/fs/cgroup/" + pod + "/" + container);
  }

  /** Ends a function's processes and removes its cgroups, as a kubelet does. */
  public void vanish(String name) throws IOException, InterruptedException {
    Place place = placeOf(name);
    run(
        """
        i=0
        while [ -e %2$s ]; do
          echo 1 > %1$s/cgroup.kill
          rmdir %1$s %2$s
          i=$((i+1)); [ $i -lt 100 ] || exit 1
          sleep 0.05
        done 2> /dev/null
        """
            .formatted(place.container(), place.pod()));
  }

  /** The API server says that a pod is gone. */
  public void forget(String name) throws IOException, InterruptedException {
    run("rm %s/pods/%s.json".formatted(node.folder(), placeOf(name).uid()));
    places.remove(name);
  }

  private Place placeOf(String function) {
    return Objects.requireNonNull(places.get(function), function);
  }

  /** Starts the packaged daemon, and waits until it has seen the API server. */
  public void startDaemon(String... more) throws IOException, InterruptedException {
    launchDaemon(more);
    String lives = "kill -0 $(cat %s/daemon.pid) 2> /dev/null".formatted(node.folder());
    eventually(
        "the daemon is ready",
        "busybox wget -q -O /dev/null http://127.0.0.1:9482/readyz || ! %s".formatted(lives));
    if (node.run(lives, LIMIT).exitStatus() != 0) {
      throw new IOException("the daemon has ended:%n%s".formatted(logs()));
    }
  }

  /** Starts it, and does not wait. */
  public void launchDaemon(String... more) throws IOException, InterruptedException {
    run(
        """
        %s @%s/jvm.options %s -jar %s/fareway-node-daemon.jar --node-name n --kubeconfig %s/kubeconfig \
            %s < /dev/null >> %s/daemon.log 2>&1 &
        echo $! > %s/daemon.pid
        """
            .formatted(
                node.java(),
                APP,
                aotCache(),
                APP,
                node.folder(),
                String.join(" ", more),
                node.folder(),
                node.folder()));
  }

  /** The ahead-of-time cache is for the very JDK that it was made with. */
  private String aotCache() {
    Path cache = APP.resolve("fareway-node-daemon.aot");
    boolean fits = node.java().startsWith(System.getProperty("java.home"));
    return fits && Files.exists(cache) ? "-XX:AOTCache=" + cache : "";
  }

  /** A script that ends the daemon at once, as if it had crashed. */
  public String crash() {
    return "kill -9 $(cat %s/daemon.pid)".formatted(node.folder());
  }

  /** Ends the daemon in order, and waits. */
  public void stopDaemon() throws IOException, InterruptedException {
    run("kill $(cat %s/daemon.pid)".formatted(node.folder()));
    eventually(
        "the daemon ends", "! kill -0 $(cat %s/daemon.pid) 2>/dev/null".formatted(node.folder()));
  }

  /** Has a function hold so much memory, and waits until it does. */
  public void hold(String name, int mebibytes) throws IOException, InterruptedException {
    run("rm -f %s/%s.holds".formatted(node.folder(), name));
    want(name, mebibytes);
    eventually(name + " holds " + mebibytes, "test -e %s/%s.holds".formatted(node.folder(), name));
  }

  /** The same without waiting. */
  public void want(String name, int mebibytes) throws IOException, InterruptedException {
    node.write(name + ".want", Integer.toString(mebibytes));
  }

  /** How many milliseconds a function takes over each further MiB. */
  public void pace(String name, int millis) throws IOException, InterruptedException {
    node.write(name + ".pace", Integer.toString(millis));
  }

  /** What a function says of its memory, having looked at all of it. */
  public String check(String name) throws IOException, InterruptedException {
    run("rm -f %s/%s.checked".formatted(node.folder(), name));
    node.write(name + ".check", "");
    eventually(name + " is checked", "test -s %s/%s.checked".formatted(node.folder(), name));
    return node.read(name + ".checked");
  }

  /** A number from a file of a function's pod, such as {@code memory.swap.current}. */
  public long number(String name, String file) throws IOException, InterruptedException {
    return Long.parseLong(run("cat %s/%s".formatted(placeOf(name).pod(), file)).strip());
  }

  /** A file of a function's container. */
  public String ofContainer(String name, String file) throws IOException, InterruptedException {
    return run("cat %s/%s".formatted(placeOf(name).container(), file)).strip();
  }

  /** A field of a file of a function's pod. */
  public long field(String name, String file, String field)
      throws IOException, InterruptedException {
    for (String line : run("cat %s/%s".formatted(placeOf(name).pod(), file)).split("\n", -1)) {
      if (line.startsWith(field + " ")) {
        return Long.parseLong(line.substring(field.length() + 1).strip());
      }
    }
    throw new IOException("no %s in %s".formatted(field, file));
  }

  /** Where a function's pod is. */
  public String pod(String name) {
    return placeOf(name).pod();
  }

  /** The API server's file of a function's pod. */
  public String podFile(String name) {
    return "%s/pods/%s.json".formatted(node.folder(), placeOf(name).uid());
  }

  /** The file with the daemon's process id. */
  public String daemonPid() {
    return node.folder() + "/daemon.pid";
  }

  /** Where a function's container is. */
  public String container(String name) {
    return placeOf(name).container();
  }

  /** A shell condition on a metric of the daemon's, such as {@code -gt 0}. */
  public String metricIs(String name, String comparison) {
    return "[ 0$(busybox wget -q -O - http://127.0.0.1:9482/metrics | sed -n 's/^%s //p') %s ]"
        .formatted(name, comparison);
  }

  /** A shell condition: nothing of a function lives any more. */
  public String died(String name) {
    return "[ -z \"$(cat %s/cgroup.procs)\" ]".formatted(placeOf(name).container());
  }

  /** Whether something of a function lives. */
  public boolean lives(String name) throws IOException, InterruptedException {
    return !run("cat %s/cgroup.procs".formatted(placeOf(name).container())).isBlank();
  }

  /**
   * Begins to note down, several times a second, what functions have in memory and in swap: a line
   * of numbers each time, in a shared file.
   */
  public void watch(String file, List<String> names) throws IOException, InterruptedException {
    var files = new StringBuilder();
    for (String name : names) {
      String pod = placeOf(name).pod();
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
            .formatted(node.folder(), file, files));
  }

  /** Ends it. */
  public void endWatch(String file) throws IOException, InterruptedException {
    run("rm %s/%s.on".formatted(node.folder(), file));
  }

  /** Runs a script that is to succeed. */
  public String run(String script) throws IOException, InterruptedException {
    return node.run(script, LIMIT.multipliedBy(node.slowness())).orThrow();
  }

  /** Waits until a shell condition holds on the node, at most a minute and what asking takes. */
  public void eventually(String what, String condition) throws IOException, InterruptedException {
    var result =
        node.run(
            """
            i=0
            until { %s; }; do
              i=$((i+1)); [ $i -lt %d ] || exit 1
              sleep 0.2
            done
            """
                .formatted(condition, ASKED * node.slowness()),
            LIMIT.multipliedBy(node.slowness()));
    if (result.exitStatus() != 0) {
      throw new IOException("never: %s%n%s%n%s".formatted(what, result.err(), logs()));
    }
  }

  /** What the daemon and the API server have printed, and the end of the kernel's log. */
  public String logs() {
    return "daemon.log:\n%s\napi.log:\n%s\n%s"
        .formatted(log("daemon.log"), log("api.log"), node.console());
  }

  private String log(String file) {
    try {
      return node.read(file);
    } catch (IOException e) {
      return e.toString();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return e.toString();
    }
  }

  /** All of the node that the daemon could change. */
  public NodeSnapshot snapshot() throws IOException, InterruptedException {
    return NodeSnapshot.parse(run("perl %s/node-snapshot.pl".formatted(node.folder())));
  }

  /** A file of the node's folder; empty if it is not there. */
  public String shared(String file) throws IOException, InterruptedException {
    return node.read(file);
  }

  /** The daemon's metric. */
  public long metric(String name) throws IOException, InterruptedException {
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

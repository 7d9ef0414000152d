package dev.fareway.e2e.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.fareway.e2e.cluster.ApiServerKind;
import dev.fareway.e2e.cluster.LocalClusterOptions;
import dev.fareway.e2e.cluster.ServiceEndpoints;
import dev.fareway.e2e.demo.LoadProcess;
import dev.fareway.e2e.demo.WorkFolder;
import dev.fareway.e2e.invocation.InvocationCluster;
import dev.fareway.e2e.load.LoadPlan;
import dev.fareway.e2e.load.Phase;
import dev.fareway.e2e.load.RunTimes;
import dev.fareway.e2e.load.Sample;
import dev.fareway.e2e.load.Stream;
import dev.fareway.e2e.report.Latency;
import dev.fareway.e2e.report.Run;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the packaged activator costs, and what it does for dear requests in a crowd. */
@Command(
    name = "./fareway bench activator",
    customSynopsis = "./fareway bench activator [OPTION...]",
    sortOptions = false,
    usageHelpWidth = 100,
    description = {
      "Measures the packaged activator:",
      "chain: latency of a dear function that calls a cheap one, beside cheap work for all cores, with operator and node"
          + " daemon, with inheritance and without it. The rest on the first core, with load and functions on the second:",
      "crowding: latency of dear requests alone, and beside nine cheap ones for each at 1.5 times what the functions can"
          + " take, with the price order and without it;",
      "speed: requests a second beside nginx as a plain proxy on the same core, in turns (wrk), and the latency that it adds"
          + " at a steady rate, from the intended arrival (the project's load generator);",
      "memory: of 10,000 requests that wait.",
      "",
      "Needs two cores, taskset, wrk and nginx; the load generator runs above what it measures where it may (root)."
    })
public final class ActivatorBench implements Callable<Integer> {
  private static final int PLACES = 64;
  private static final long HOLD_MICROS = 50_000;
  private static final double OVERLOAD = 1.5;
  private static final double CHEAP_SHARE = 0.9;
  private static final String DEAR_PRICE = "50u";
  private static final String CHEAP_PRICE = "0.1u";
  private static final String SAME_PRICE = "49.999u";
  private static final String MAX_WAIT = "PT1S";
  private static final int QUEUED = 10_000;
  private static final String DEAR_CLASS = "interactive";
  private static final String CHEAP_CLASS = "batch";
  private static final int CHAIN_RATE = 20;
  private static final int CROWD_PER_CORE = 8;
  private static final int WARM_UP_SECONDS = 8;

  /** All of the activator's code is compiled on the core that it works on. */
  private static final int SPEED_WARM_UP_SECONDS = 20;

  private static final double WARM_UP_RATE = 100;
  private static final long PATIENCE_MILLIS = 10_000;
  private static final int WRK_CONNECTIONS = 64;
  private static final int TURN_SECONDS = 4;
  private static final Pattern WRK_RATE = Pattern.compile("Requests/sec:\\s*([0-9.]+)");

  /** What may be measured. */
  enum Part {
    CHAIN,
    CROWDING,
    SPEED,
    MEMORY
  }

  @Mixin CommonOptions common = new CommonOptions();

  @Option(
      names = "--part",
      paramLabel = "PART",
      description = "${COMPLETION-CANDIDATES}; repeatable. Default: all.")
  List<Part> parts = new ArrayList<>();

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "Length of each latency measurement. Default: ${DEFAULT-VALUE}.")
  int seconds = 10;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Requests a second where latency is measured. Default: ${DEFAULT-VALUE}.")
  int rate = 5_000;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description =
          "Turns of nginx and the activator, and of crowd and no crowd. Default: ${DEFAULT-VALUE}.")
  int rounds = 5;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of the arrivals. Default: ${DEFAULT-VALUE}.")
  long seed = 1;

  /** Runs it. */
  public static void main(String[] args) {
    // Read once, when the first client is made: callers name the function by its host.
    System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
    System.exit(
        new CommandLine(new ActivatorBench())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    var report = new BenchReport("activator", "./fareway bench activator");
    List<Part> wanted = parts.isEmpty() ? List.of(Part.values()) : parts;
    if (wanted.contains(Part.CHAIN)) {
      chain(report);
    }
    if (wanted.contains(Part.CROWDING)) {
      crowding(report);
    }
    if (wanted.contains(Part.SPEED)) {
      speed(report);
    }
    if (wanted.contains(Part.MEMORY)) {
      memory(report);
    }
    common.write(report);
    return 0;
  }

  // --- crowding

  private void crowding(BenchReport report) throws IOException, InterruptedException {
    System.out.printf(
        Locale.ROOT,
        "Crowding: %d places for requests of %d to %d ms; load %.1f times that, %.0f%% of it cheap; prices %s and %s, longest wait"
            + " 1 s%n",
        PLACES,
        HOLD_MICROS / 2_000,
        HOLD_MICROS * 3 / 2_000,
        OVERLOAD,
        CHEAP_SHARE * 100,
        DEAR_PRICE,
        CHEAP_PRICE);
    try (var crowd = new Crowd(CHEAP_PRICE, "price-times-wait")) {
      var alone = new ArrayList<Double>();
      var crowded = new ArrayList<Double>();
      for (int round = 0; round < rounds; round++) {
        alone.add(crowd.p99("alone", false, report));
        crowded.add(crowd.p99("crowded", true, report));
      }
      report.add("dear_p99_alone", median(alone), "ms");
      report.add("dear_p99_crowded", median(crowded), "ms");
      report.add("dear_p99_ratio", median(crowded) / median(alone), "times");
      try (var strict = new Crowd(CHEAP_PRICE, "strict-price")) {
        double p99 = strict.p99("crowded_strict", true, report);
        report.add("dear_p99_ratio_strict_price", p99 / median(alone), "times");
      }
      try (var without = new Crowd(SAME_PRICE, "price-times-wait")) {
        double p99 = without.p99("crowded_without_order", true, report);
        report.add("dear_p99_ratio_without_order", p99 / median(alone), "times");
      }
    }
  }

  /** An activator in front of a dear and a cheap function on a node with so many places. */
  private final class Crowd implements AutoCloseable {
    private final ActivatorSetup setup;
    private final Process functions;
    private final URI activator;
    private int runs;

    Crowd(String cheapPrice, String discipline) throws IOException, InterruptedException {
      int port = freePort();
      setup = ActivatorSetup.start(DEAR_PRICE, cheapPrice);
      functions = holdingServer(port);
      setup.function("home", ActivatorSetup.DEAR, port, Map.of());
      setup.function("images", ActivatorSetup.CHEAP, port, Map.of());
      activator =
          setup.startActivator(
              "--node-concurrency=" + PLACES,
              "--max-wait=" + MAX_WAIT,
              "--discipline=" + discipline);
      ActivatorSetup.awaitAnswer(URI.create("http://127.0.0.1:" + port), "");
      // The activator's code is compiled while it works: it works before it is measured.
      wrk(activator, PLACES, WARM_UP_SECONDS);
    }

    /** The 99th percentile of the dear class, in milliseconds. */
    double p99(String name, boolean isCrowded, BenchReport report)
        throws IOException, InterruptedException {
      double rateInAll = OVERLOAD * PLACES * 1e6 / HOLD_MICROS;
      var streams = new ArrayList<Stream>();
      streams.add(stream(ActivatorSetup.DEAR, activator, "home", rateInAll * (1 - CHEAP_SHARE)));
      if (isCrowded) {
        streams.add(stream(ActivatorSetup.CHEAP, activator, "images", rateInAll * CHEAP_SHARE));
      }
      Run run = load(setup, name + ++runs, streams);
      List<Sample> dear = run.of(ActivatorSetup.DEAR);
      System.out.printf(
          Locale.ROOT,
          "  %s: dear p50 %.1f ms, p99 %.1f ms, %.0f failed; %s; sent late by %.2f ms (p99)%n",
          name,
          millis(dear, 50),
          millis(dear, 99),
          failed(dear),
          isCrowded
              ? "cheap turned away %.0f%%"
                  .formatted(
                      100
                          * failed(run.of(ActivatorSetup.CHEAP))
                          / run.of(ActivatorSetup.CHEAP).size())
              : "nobody else",
          run.lateMs(99));
      if (failed(dear) > 0) {
        report.add("dear_failed_" + name, failed(dear), "requests");
      }
      return millis(dear, 99);
    }

    @Override
    public void close() throws IOException {
      try {
        functions.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        // What is left to close is closed all the same; the caller sees that it was interrupted.
        Thread.currentThread().interrupt();
      }
      setup.close();
    }
  }

  private static Process holdingServer(int port) throws IOException {
    return new ProcessBuilder(
            command(
                ActivatorSetup.SECOND_CORE,
                java(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                HoldingServer.class.getName(),
                Integer.toString(port),
                Long.toString(HOLD_MICROS / 2),
                Long.toString(HOLD_MICROS * 3 / 2)))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  // --- a chain of calls

  private void chain(BenchReport report) throws IOException, InterruptedException {
    System.out.printf(
        "Chain: a dear function calls a cheap one, beside cheap work for all cores, at %d requests a second%n",
        CHAIN_RATE);
    try (WorkFolder folder = WorkFolder.create("fareway-bench-");
        var cluster =
            InvocationCluster.start(
                LocalClusterOptions.in(folder.path()).withApiServer(ApiServerKind.MOCK))) {
      Path work = folder.path();
      cluster.priceClass(DEAR_CLASS, "2u");
      cluster.priceClass(CHEAP_CLASS, "0.5u");
      URI activator = cluster.startActivator(true);
      cluster.function("back", CHEAP_CLASS, Map.of(), Map.of());
      cluster.function(
          "front",
          DEAR_CLASS,
          Map.of(),
          Map.of(
              "FUNCTION_CALLS",
              activator + "/?cpu-micros=5000",
              "FUNCTION_CALLS_HOST",
              ServiceEndpoints.hostOf("back")));
      int workers = CROWD_PER_CORE * Runtime.getRuntime().availableProcessors();
      cluster.function(
          "crowd", CHEAP_CLASS, Map.of(), Map.of("FUNCTION_WORKERS", Integer.toString(workers)));
      chain(activator, work, "warm_up");
      double alone = chain(activator, work, "alone");
      try (var _ = new ClosedLoop(activator, ServiceEndpoints.hostOf("crowd"), workers)) {
        double inherited = chain(activator, work, "crowded");
        // Without an operator nobody hears of it any more.
        cluster.cluster().stopOperator();
        double without = chain(activator, work, "crowded_without_inheritance");
        report.add("chain_p99_alone", alone, "ms");
        report.add("chain_p99_crowded", inherited, "ms");
        report.add("chain_p99_crowded_without_inheritance", without, "ms");
        report.add("chain_p99_ratio", inherited / alone, "times");
        report.add("chain_p99_ratio_without_inheritance", without / alone, "times");
      }
    }
  }

  private double chain(URI activator, Path work, String name)
      throws IOException, InterruptedException {
    Run run =
        new LoadProcess(work)
            .run(
                name,
                // A warm-up at the usual rate would be more than the cores can do.
                plan(List.of(stream("chain", activator, "front", CHAIN_RATE)), CHAIN_RATE),
                (_, _, _, _) -> {});
    System.out.printf(
        Locale.ROOT,
        "  %s: p50 %.1f ms, p99 %.1f ms, %.0f failed of %d; sent late by %.2f ms (p99)%n",
        name,
        millis(run.samples(), 50),
        millis(run.samples(), 99),
        failed(run.samples()),
        run.samples().size(),
        run.lateMs(99));
    return millis(run.samples(), 99);
  }

  // --- speed

  private void speed(BenchReport report) throws IOException, InterruptedException {
    int port = freePort();
    int plainPort = freePort();
    try (var setup = ActivatorSetup.start(DEAR_PRICE, CHEAP_PRICE);
        var _ =
            NginxProxy.function(
                setup.work().resolve("function"), port, ActivatorSetup.SECOND_CORE);
        var proxy =
            NginxProxy.proxy(
                setup.work().resolve("proxy"), plainPort, port, ActivatorSetup.FIRST_CORE)) {
      setup.function("home", ActivatorSetup.DEAR, port, Map.of());
      URI direct = URI.create("http://127.0.0.1:" + port);
      URI plain = URI.create("http://127.0.0.1:" + plainPort);
      URI activator = setup.startActivator();
      ActivatorSetup.awaitAnswer(direct, "");
      ActivatorSetup.awaitAnswer(plain, "");

      System.out.printf(
          Locale.ROOT,
          "Speed: %d connections kept by wrk, an empty answer by nginx, both on the second core; on the first core in turns of"
              + " %d s the activator, and nginx with one worker, kept connections to the function and no log%n",
          WRK_CONNECTIONS,
          TURN_SECONDS);
      wrk(activator, WRK_CONNECTIONS, SPEED_WARM_UP_SECONDS);
      var plainRates = new ArrayList<Double>();
      var ownRates = new ArrayList<Double>();
      var plainUse = new ArrayList<Double>();
      var ownUse = new ArrayList<Double>();
      for (int round = 0; round < rounds; round++) {
        turn(plain, proxy.worker(), plainRates, plainUse);
        turn(activator, setup.activatorPid(), ownRates, ownUse);
      }
      report.add("core_used_nginx", median(plainUse), "");
      report.add("core_used", median(ownUse), "");
      report.add("throughput_nginx", median(plainRates), "requests/s");
      report.add("throughput", median(ownRates), "requests/s");
      report.add("throughput_of_nginx", median(ownRates) / median(plainRates), "");

      Run without = load(setup, "direct", List.of(stream("direct", direct, "home", rate)));
      Run through = load(setup, "through", List.of(stream("through", activator, "home", rate)));
      Run byNginx = load(setup, "nginx", List.of(stream("nginx", plain, "home", rate)));
      for (int percent : new int[] {50, 99}) {
        double base = millis(without.samples(), percent);
        report.add("latency_p%d_direct".formatted(percent), base, "ms");
        report.add(
            "latency_p%d_added".formatted(percent),
            millis(through.samples(), percent) - base,
            "ms");
        report.add(
            "latency_p%d_added_by_nginx".formatted(percent),
            millis(byNginx.samples(), percent) - base,
            "ms");
      }
      report.add("latency_failed", failed(through.samples()), "requests");
      report.add("latency_sent_late_p99", through.lateMs(99), "ms");
      System.out.println("Load generator: " + through.generator());
    }
  }

  /** One turn: requests a second, and how much of the core the process had. */
  private static void turn(URI to, long process, List<Double> rates, List<Double> use)
      throws IOException, InterruptedException {
    long before = cpuMillis(process);
    rates.add(wrk(to, WRK_CONNECTIONS, TURN_SECONDS));
    use.add((cpuMillis(process) - before) / (TURN_SECONDS * 1e3));
  }

  private static long cpuMillis(long process) {
    return ProcessHandle.of(process)
        .flatMap(of -> of.info().totalCpuDuration())
        .orElseThrow()
        .toMillis();
  }

  private static double wrk(URI to, int connections, int forSeconds)
      throws IOException, InterruptedException {
    Process wrk =
        new ProcessBuilder(
                command(
                    ActivatorSetup.SECOND_CORE,
                    "wrk",
                    "-t1",
                    "-c" + connections,
                    "-d" + forSeconds + "s",
                    "-H",
                    "Host: " + ServiceEndpoints.hostOf("home"),
                    to.toString()))
            .redirectErrorStream(true)
            .start();
    double found = 0;
    var said = new StringBuilder();
    try (BufferedReader lines = wrk.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        said.append(line).append('\n');
        Matcher matcher = WRK_RATE.matcher(line);
        if (matcher.find()) {
          found = Double.parseDouble(matcher.group(1));
        }
      }
    }
    wrk.waitFor();
    if (found == 0 || said.indexOf("Non-2xx") >= 0) {
      throw new IOException("wrk said: " + said);
    }
    return found;
  }

  // --- memory

  private void memory(BenchReport report) throws IOException, InterruptedException {
    try (var setup = ActivatorSetup.start(DEAR_PRICE, CHEAP_PRICE);
        var silent = new ServerSocket(0, 16, InetAddress.getLoopbackAddress())) {
      setup.function(
          "home",
          ActivatorSetup.DEAR,
          silent.getLocalPort(),
          Map.of("fareway.dev/concurrency", "1"));
      URI activator = setup.startActivator("--queue-per-class=" + (QUEUED + 10));
      byte[] request =
          "GET /?cpu-micros=1 HTTP/1.1\r\nHost: %s\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n"
              .formatted(ServiceEndpoints.hostOf("home"))
              .getBytes(US_ASCII);
      var callers = new ArrayList<Socket>();
      try {
        // One has the pod, and one connection is up: what is needed once is there.
        callers.add(call(activator, request));
        callers.add(call(activator, request));
        awaitWaiting(setup, 1);
        TimeUnit.SECONDS.sleep(2);
        long before = resident(setup);
        for (int i = 0; i < QUEUED; i++) {
          callers.add(call(activator, request));
        }
        awaitWaiting(setup, QUEUED + 1);
        long after = resident(setup);
        report.add("memory_of_%d_queued".formatted(QUEUED), (after - before) / 1024.0, "MiB");
        report.add("memory_in_all", after / 1024.0, "MiB");
      } finally {
        for (Socket caller : callers) {
          caller.close();
        }
      }
    }
  }

  private static Socket call(URI activator, byte[] request) throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), activator.getPort());
    socket.getOutputStream().write(request);
    return socket;
  }

  private static void awaitWaiting(ActivatorSetup setup, int count)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (setup.metric("fareway_activator_waiting") < count) {
      if (System.nanoTime() > end) {
        throw new IOException(
            "only %.0f of %d requests wait"
                .formatted(setup.metric("fareway_activator_waiting"), count));
      }
      Thread.sleep(100);
    }
  }

  /** What the activator holds of the machine's memory, beyond files: KiB. */
  private static long resident(ActivatorSetup setup) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + setup.activatorPid() + "/status"))) {
      if (line.startsWith("RssAnon:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new IOException("the activator's memory can't be read");
  }

  // --- load

  private static Stream stream(String name, URI to, String function, double rate) {
    return new Stream(
        name,
        List.of(to),
        new RunTimes(2, 1, 2),
        List.of(rate),
        Map.of("Host", ServiceEndpoints.hostOf(function)));
  }

  private Run load(ActivatorSetup setup, String name, List<Stream> streams)
      throws IOException, InterruptedException {
    return new LoadProcess(setup.work(), ActivatorSetup.SECOND_CORE)
        .run(name, plan(streams, WARM_UP_RATE), (_, _, _, _) -> {});
  }

  private LoadPlan plan(List<Stream> streams, double warmUpPerSecond) {
    return new LoadPlan(
        seed,
        List.of(new Phase("steady", TimeUnit.SECONDS.toMillis(seconds))),
        streams,
        PATIENCE_MILLIS,
        warmUpPerSecond);
  }

  private static double millis(List<Sample> samples, int percent) {
    ToLongFunction<Sample> latency = Sample::latencyNanos;
    return Latency.percentile(samples.stream().mapToLong(latency).sorted().toArray(), percent)
        / 1e6;
  }

  private static double failed(List<Sample> samples) {
    return samples.stream().filter(sample -> !sample.succeeded()).count();
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  private static List<String> command(List<String> through, String... command) {
    var all = new ArrayList<>(through);
    all.addAll(List.of(command));
    return all;
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin/java").toString();
  }

  private static int freePort() throws IOException {
    try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }
}

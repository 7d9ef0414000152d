package dev.fareway.activator.main;

import dev.fareway.activator.autoscaler.AutoscalerLink;
import dev.fareway.activator.backends.Backends;
import dev.fareway.activator.backends.PodProber;
import dev.fareway.activator.backends.Prober;
import dev.fareway.activator.core.CallerTokens;
import dev.fareway.activator.core.FunctionSettings;
import dev.fareway.activator.core.Invocation;
import dev.fareway.activator.core.PodAddress;
import dev.fareway.activator.core.RevisionKey;
import dev.fareway.activator.kubernetes.ClusterWatch;
import dev.fareway.activator.kubernetes.ConfigWatch;
import dev.fareway.activator.kubernetes.KnativeWatch;
import dev.fareway.activator.kubernetes.LoggingSettings;
import dev.fareway.activator.kubernetes.NetworkSettings;
import dev.fareway.activator.kubernetes.ObservabilitySettings;
import dev.fareway.activator.kubernetes.ServiceWatch;
import dev.fareway.activator.kubernetes.TlsWatch;
import dev.fareway.activator.operator.InheritanceLoop;
import dev.fareway.activator.operator.OperatorLink;
import dev.fareway.activator.proxy.Proxy;
import dev.fareway.activator.proxy.ProxyListener;
import dev.fareway.activator.proxy.ProxyServers;
import dev.fareway.activator.tls.InternalTls;
import dev.fareway.activator.tls.PodTrust;
import dev.fareway.activator.tls.ServerIdentity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All parts of an activator, put together. */
final class Activator {
  private static final Logger LOG = LoggerFactory.getLogger(Activator.class);
  private static final long REPORT_MILLIS = 1_000;
  private static final String FUNCTIONS = "/functions/";
  private static final long SYNC_MINUTES = 5;

  private final Options options;
  private final Vertx vertx;
  private final KubernetesClient client;
  private final Context context;
  private final Executor loop;
  private final List<AutoCloseable> watches = new ArrayList<>();
  private final List<HttpServer> servers = new ArrayList<>();
  private final Proxy proxy;
  private final Backends backends;
  private final @Nullable AutoscalerLink autoscaler;
  private final @Nullable OperatorLink operator;
  private final @Nullable InheritanceLoop inheritance;
  private final ServerIdentity identity = new ServerIdentity();
  private final PodTrust trust = new PodTrust();

  // Touched on the event loop only.
  private final InternalTls tls;
  private final TlsWatch tlsWatch;
  private @Nullable ProxyServers listening;
  private boolean isTlsOpen;
  private final Logs logs = new Logs();
  private final ProfilePort profiles;
  private LoggingSettings logging = LoggingSettings.parse(Map.of());
  private List<String> notFollowed = List.of();
  private String saidNotReady = "";

  private volatile boolean isSynced;
  private volatile boolean isNetworkKnown;

  /** What of the configuration keeps it from working. */
  private volatile String problem = "";

  private volatile String portProblem = "";

  /** An activator that is not started yet. */
  Activator(Options options, Vertx vertx, KubernetesClient client, List<byte[]> tokenKeys)
      throws Exception {
    this.options = options;
    this.vertx = vertx;
    this.client = client;
    context = vertx.getOrCreateContext();
    loop = action -> context.runOnContext(_ -> action.run());
    tls =
        new InternalTls(
            identity,
            trust,
            options.systemNamespace + "/" + TlsWatch.SECRET,
            InstantSource.system());
    tlsWatch = new TlsWatch(client, options.systemNamespace, tls, loop);
    profiles = new ProfilePort(vertx, options.profilePort);
    boolean isKnative = options.functions == Options.Functions.Knative;
    autoscaler =
        isKnative
            ? onLoop(
                () ->
                    new AutoscalerLink(
                        vertx, options.autoscalerHost(), options.autoscalerPort(), options.podName))
            : null;
    Prober prober =
        isKnative
            ? onLoop(() -> new PodProber(vertx, trust, options.probeTimeout()))
            : pod -> Future.succeededFuture("");
    backends = onLoop(() -> new Backends(vertx, prober, options.probeFrequency()));
    proxy =
        onLoop(
            () ->
                new Proxy(
                    vertx,
                    options.proxy(),
                    backends,
                    new CallerTokens(tokenKeys),
                    listener(),
                    trust,
                    Proxy.Clock.system(),
                    this::whyNotReady));
    run(() -> backends.tell(proxy));
    operator =
        options.operators.isEmpty()
            ? null
            : new OperatorLink(
                vertx,
                loop,
                options.operatorAccess(),
                options.podName,
                Options.version(),
                this::operatorOpened,
                new SplittableRandom());
    inheritance = operator == null ? null : new InheritanceLoop(vertx, proxy.prices(), operator);
  }

  /** Lists and watches the cluster, then listens; ready when this returns. */
  void start() throws Exception {
    if (autoscaler != null) {
      run(autoscaler::open);
      run(
          () ->
              vertx.setPeriodic(
                  REPORT_MILLIS,
                  timer -> {
                    report(autoscaler);
                    sayWhyNotReady();
                  }));
    }
    if (operator != null) {
      run(operator::open);
    }
    var cluster = new ClusterWatch(client, proxy, loop, options.nodeLimits());
    watches.add(cluster);
    var synced = new ArrayList<CompletableFuture<Void>>();
    synced.add(cluster.start());
    if (options.functions == Options.Functions.Knative) {
      // First of all: no request goes in clear text where TLS is wanted.
      var network =
          new ConfigWatch(
              client, options.systemNamespace, NetworkSettings.NAME, this::networkChanged);
      watches.add(network);
      watches.add(tlsWatch);
      watch(options.configLogging, this::loggingChanged);
      watch(options.configObservability, this::observabilityChanged);
      network.start().get(SYNC_MINUTES, TimeUnit.MINUTES);
      var knative = new KnativeWatch(client, backends, loop, options.podIp);
      watches.add(knative);
      synced.add(knative.start());
    } else {
      var services = new ServiceWatch(client, backends, loop);
      watches.add(services);
      synced.add(services.start());
    }
    CompletableFuture.allOf(synced.toArray(CompletableFuture[]::new))
        .get(SYNC_MINUTES, TimeUnit.MINUTES);
    isSynced = true;
    var toProxy = new ProxyServers(vertx, proxy);
    servers.add(await(onLoop(() -> toProxy.listenHttp1(options.bind, options.httpPort))));
    servers.add(await(onLoop(() -> toProxy.listenH2c(options.bind, options.h2cPort))));
    servers.add(await(onLoop(this::listenForMetrics)));
    LOG.info(
        "Listening on {}: HTTP/1.1 {}, h2c {}, metrics {}; {} functions",
        options.bind,
        servers.get(0).actualPort(),
        servers.get(1).actualPort(),
        servers.get(2).actualPort(),
        onLoop(backends::size));
    run(
        () -> {
          listening = toProxy;
          if (tls.isWanted()) {
            openTls(toProxy);
          }
        });
  }

  /** Stops being ready, waits until no one sends any more and all is done, and ends. */
  void stop() throws Exception {
    run(proxy::drain);
    LOG.info("Stopping: takes requests for {} more", options.drainDelay);
    TimeUnit.NANOSECONDS.sleep(options.drainDelay.toNanos());
    run(proxy::shut);
    long end = System.nanoTime() + options.drainLimit.toNanos();
    while (!onLoop(proxy::isIdle) && System.nanoTime() < end) {
      TimeUnit.MILLISECONDS.sleep(50);
    }
    for (AutoCloseable watch : watches) {
      watch.close();
    }
    if (autoscaler != null) {
      // The last word, so that what has just ended isn't taken to go on.
      run(() -> report(autoscaler));
      run(autoscaler::close);
    }
    if (operator != null) {
      run(operator::close);
    }
    await(vertx.close());
  }

  private void operatorOpened() {
    if (inheritance != null) {
      inheritance.again();
    }
  }

  private ProxyListener listener() {
    return new ProxyListener() {
      @Override
      public void woken(RevisionKey key) {
        if (autoscaler != null) {
          autoscaler.woken(key);
        }
      }

      @Override
      public void started(Invocation invocation, PodAddress pod, String ownClass) {
        if (inheritance != null) {
          inheritance.started(invocation, pod, ownClass);
        }
      }

      @Override
      public void stopped(Invocation invocation, PodAddress pod) {
        if (inheritance != null) {
          inheritance.stopped(invocation, pod);
        }
      }

      @Override
      public void unreachable(RevisionKey key, PodAddress pod) {
        backends.unreachable(key, pod);
      }
    };
  }

  /** Watches one of the ConfigMaps that nothing has to wait for; says what is malformed there. */
  private void watch(String name, Consumer<Map<String, String>> changed) {
    var watch =
        new ConfigWatch(
            client,
            options.systemNamespace,
            name,
            data ->
                loop.execute(
                    () -> {
                      try {
                        changed.accept(data);
                      } catch (IllegalArgumentException malformed) {
                        LOG.error("{}; what it said last holds", malformed.getMessage());
                      }
                    }));
    watches.add(watch);
    var _ = watch.start();
  }

  private void loggingChanged(Map<String, String> data) {
    LoggingSettings now = LoggingSettings.parse(data);
    if (!now.equals(logging)) {
      logging = now;
      logs.apply(LoggingSettings.parse(Map.of()));
      LOG.info(
          "{}: logs from {} on, as {}",
          options.configLogging,
          now.level(),
          now.json() == null ? "text" : "JSON");
      logs.apply(now);
    }
  }

  private void observabilityChanged(Map<String, String> data) {
    ObservabilitySettings now = ObservabilitySettings.parse(data);
    if (!now.notFollowed().equals(notFollowed)) {
      notFollowed = now.notFollowed();
      if (!notFollowed.isEmpty()) {
        LOG.warn(
            "{}: not followed: {}", options.configObservability, String.join("; ", notFollowed));
      }
    }
    profiles.enable(now.isProfiling());
  }

  private void networkChanged(Map<String, String> data) {
    try {
      boolean wantsTls = NetworkSettings.wantsTls(data);
      isNetworkKnown = true;
      problem = "";
      loop.execute(() -> secure(wantsTls));
    } catch (IllegalArgumentException malformed) {
      String why = String.valueOf(malformed.getMessage());
      if (isNetworkKnown) {
        LOG.error("{}; what it said last holds", why);
      } else {
        problem = why;
      }
    }
  }

  /**
   * Speaks TLS to pods and to callers, or no longer. Requests that run go on as they began, those
   * that wait go on as it is now. The TLS listener stays, once it is open: callers may take a while
   * to learn that they need not use it any more.
   */
  private void secure(boolean wantsTls) {
    if (tls.isWanted() == wantsTls) {
      return;
    }
    LOG.info("Speaks {} from now on", wantsTls ? "TLS (system-internal-tls)" : "clear text");
    tls.wanted(wantsTls);
    if (wantsTls) {
      tlsWatch.start();
      if (listening != null) {
        openTls(listening);
      }
      backends.secure(true);
      proxy.secure(true);
    } else {
      proxy.secure(false);
      backends.secure(false);
    }
  }

  private void openTls(ProxyServers toProxy) {
    if (isTlsOpen) {
      return;
    }
    isTlsOpen = true;
    portProblem = "the port for TLS is not open yet";
    if (!options.tlsCurves.isBlank()) {
      LOG.warn(
          "ACTIVATOR_TLS_CURVE_PREFERENCES is not followed: JAVA_TOOL_OPTIONS=-Djdk.tls.namedGroups=... sets groups");
    }
    var _ =
        toProxy
            .listenHttps(options.bind, options.httpsPort, identity, options.tls())
            .onSuccess(
                server -> {
                  servers.add(server);
                  portProblem = "";
                  LOG.info("Listening on {}: TLS {}", options.bind, server.actualPort());
                })
            .onFailure(
                failure ->
                    portProblem =
                        "port %d for TLS can't be opened: %s"
                            .formatted(options.httpsPort, failure.getMessage()));
  }

  /** What of the configuration keeps it from being ready; empty for nothing. */
  private String configurationProblem() {
    if (!problem.isEmpty()) {
      return problem;
    }
    return tls.isWanted() && !portProblem.isEmpty() ? portProblem : tls.whyNotReady();
  }

  /** A certificate may be over at any time: nothing else tells of it. */
  private void sayWhyNotReady() {
    String why = configurationProblem();
    if (!why.equals(saidNotReady)) {
      saidNotReady = why;
      if (why.isEmpty()) {
        LOG.info("Nothing of the configuration keeps it from being ready any more");
      } else {
        LOG.error("Not ready: {}", why);
      }
    }
  }

  private void report(AutoscalerLink to) {
    to.send(proxy.concurrency().report(System.nanoTime()));
  }

  private String whyNotReady() {
    if (!isSynced) {
      return "the cluster is not listed yet";
    }
    String why = configurationProblem();
    if (!why.isEmpty()) {
      return why;
    }
    return autoscaler == null || autoscaler.isConnected()
        ? ""
        : "there is no connection to the autoscaler";
  }

  private Future<HttpServer> listenForMetrics() {
    return vertx
        .createHttpServer()
        .requestHandler(this::metrics)
        .listen(options.metricsPort, options.bind);
  }

  private void metrics(HttpServerRequest request) {
    String path = request.path() == null ? "" : request.path();
    switch (path) {
      case "/metrics" -> {
        var out = new StringBuilder(4096);
        proxy.writeMetrics(out);
        if (tls.isWanted()) {
          tls.writeMetrics(out);
        }
        if (operator != null && inheritance != null) {
          operator.writeMetrics(out);
          out.append("# HELP fareway_activator_raised_pods Pods that run in a dearer class now.\n")
              .append("# TYPE fareway_activator_raised_pods gauge\nfareway_activator_raised_pods ")
              .append(inheritance.raised())
              .append('\n');
        }
        if (autoscaler != null) {
          out.append("# TYPE kn_activator_stats_conn_reachable gauge\n")
              .append("kn_activator_stats_conn_reachable ")
              .append(autoscaler.isConnected() ? 1 : 0)
              .append("\n# TYPE kn_activator_stats_conn_errors counter\n")
              .append("kn_activator_stats_conn_errors ")
              .append(autoscaler.errors())
              .append('\n');
        }
        request
            .response()
            .putHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            .end(out.toString());
      }
      case "/healthz" -> request.response().end("ok\n");
      case "/readyz" -> {
        String why = whyNotReady();
        request.response().setStatusCode(why.isEmpty() ? 200 : 503).end(why + "\n");
      }
      default -> {
        if (path.startsWith(FUNCTIONS)) {
          describe(request, path.substring(FUNCTIONS.length()));
        } else {
          request.response().setStatusCode(404).end();
        }
      }
    }
  }

  /** One function as the activator knows it, for who looks for a request that waits. */
  private void describe(HttpServerRequest request, String path) {
    int slash = path.indexOf('/');
    RevisionKey key =
        slash > 0 && slash + 1 < path.length()
            ? new RevisionKey(path.substring(0, slash), path.substring(slash + 1))
            : null;
    FunctionSettings settings = key == null ? null : backends.find(key);
    if (key == null || settings == null) {
      request.response().setStatusCode(404).end("no such function\n");
    } else {
      request
          .response()
          .end(
              "%s%nrunning %d, waiting %d%n"
                  .formatted(
                      settings, proxy.scheduler().running(key), proxy.scheduler().waiting(key)));
    }
  }

  private void run(Runnable action) throws Exception {
    Promise<Void> done = Promise.promise();
    loop.execute(
        () -> {
          action.run();
          done.complete();
        });
    await(done.future());
  }

  private <T> T onLoop(Callable<T> action) throws Exception {
    Promise<T> promise = Promise.promise();
    loop.execute(
        () -> {
          try {
            promise.complete(action.call());
          } catch (Exception e) {
            promise.fail(e);
          }
        });
    return await(promise.future());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(1, TimeUnit.MINUTES);
  }
}

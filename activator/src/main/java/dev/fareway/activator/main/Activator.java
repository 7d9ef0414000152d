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
import dev.fareway.activator.kubernetes.KnativeWatch;
import dev.fareway.activator.kubernetes.NetworkWatch;
import dev.fareway.activator.kubernetes.ServiceWatch;
import dev.fareway.activator.operator.InheritanceLoop;
import dev.fareway.activator.operator.OperatorLink;
import dev.fareway.activator.proxy.Proxy;
import dev.fareway.activator.proxy.ProxyListener;
import dev.fareway.activator.proxy.ProxyServers;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
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
  private volatile boolean isSynced;
  private volatile String unsupported = "";

  /** An activator that is not started yet. */
  Activator(Options options, Vertx vertx, KubernetesClient client, List<byte[]> tokenKeys)
      throws Exception {
    this.options = options;
    this.vertx = vertx;
    this.client = client;
    context = vertx.getOrCreateContext();
    loop = action -> context.runOnContext(_ -> action.run());
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
            ? onLoop(() -> new PodProber(vertx, options.probeTimeout()))
            : pod -> Future.succeededFuture(true);
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
      run(() -> vertx.setPeriodic(REPORT_MILLIS, timer -> report(autoscaler)));
    }
    if (operator != null) {
      run(operator::open);
    }
    var cluster = new ClusterWatch(client, proxy, loop, options.nodeLimits());
    watches.add(cluster);
    var synced = new ArrayList<CompletableFuture<Void>>();
    synced.add(cluster.start());
    if (options.functions == Options.Functions.Knative) {
      var knative = new KnativeWatch(client, backends, loop, options.podIp);
      watches.add(knative);
      synced.add(knative.start());
      var network = new NetworkWatch(client, options.systemNamespace, this::unsupported);
      watches.add(network);
      network.start();
    } else {
      var services = new ServiceWatch(client, backends, loop);
      watches.add(services);
      synced.add(services.start());
    }
    CompletableFuture.allOf(synced.toArray(CompletableFuture[]::new))
        .get(SYNC_MINUTES, TimeUnit.MINUTES);
    isSynced = true;
    var listening = onLoop(() -> new ProxyServers(vertx, proxy));
    servers.add(await(onLoop(() -> listening.listenHttp1(options.bind, options.httpPort))));
    servers.add(await(onLoop(() -> listening.listenH2c(options.bind, options.h2cPort))));
    servers.add(await(onLoop(this::listenForMetrics)));
    LOG.info(
        "Listening on {}: HTTP/1.1 {}, h2c {}, metrics {}; {} functions",
        options.bind,
        servers.get(0).actualPort(),
        servers.get(1).actualPort(),
        servers.get(2).actualPort(),
        onLoop(backends::size));
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

  private void unsupported(String why) {
    if (!why.equals(unsupported)) {
      if (!why.isEmpty()) {
        LOG.error("Not ready: {}", why);
      }
      unsupported = why;
    }
  }

  private void report(AutoscalerLink to) {
    to.send(proxy.concurrency().report(System.nanoTime()));
  }

  private String whyNotReady() {
    if (!isSynced) {
      return "the cluster is not listed yet";
    }
    if (!unsupported.isEmpty()) {
      return unsupported;
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

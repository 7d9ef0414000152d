package dev.fareway.activator.conformance;

import dev.fareway.activator.core.CallerTokens;
import dev.fareway.activator.core.FunctionSettings;
import dev.fareway.activator.core.PodAddress;
import dev.fareway.activator.core.PodShare;
import dev.fareway.activator.core.RevisionKey;
import dev.fareway.activator.proxy.Proxy;
import dev.fareway.activator.proxy.ProxyListener;
import dev.fareway.activator.proxy.ProxyOptions;
import dev.fareway.activator.proxy.ProxyServers;
import dev.fareway.activator.tls.PodTrust;
import dev.fareway.scheduler.core.PricedClass;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** A proxy on real ports, with functions as each test wants. */
final class TestActivator {
  static final byte[] KEY = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  static final List<PricedClass> CLASSES =
      List.of(new PricedClass("cheap", 500), new PricedClass("dear", 50_000));

  final Map<RevisionKey, FunctionSettings> functions = new ConcurrentHashMap<>();
  final PodTrust trust = new PodTrust();
  private final Context context;
  private final Proxy proxy;
  private final HttpServer http1;
  private final HttpServer h2c;
  volatile String whyNotReady = "";

  TestActivator(Vertx vertx, ProxyOptions options) throws Exception {
    this(vertx, options, new ProxyListener() {});
  }

  TestActivator(Vertx vertx, ProxyOptions options, ProxyListener listener) throws Exception {
    context = vertx.getOrCreateContext();
    proxy =
        onLoop(
            () ->
                new Proxy(
                    vertx,
                    options,
                    functions::get,
                    new CallerTokens(List.of(KEY)),
                    listener,
                    trust,
                    Proxy.Clock.system(),
                    () -> whyNotReady));
    onLoop(
        () -> {
          proxy.classes(CLASSES, "cheap");
          return true;
        });
    var servers = onLoop(() -> new ProxyServers(vertx, proxy));
    http1 = Waiting.await(onLoop(() -> servers.listenHttp1("127.0.0.1", 0)));
    h2c = Waiting.await(onLoop(() -> servers.listenH2c("127.0.0.1", 0)));
  }

  Proxy proxy() {
    return proxy;
  }

  int port() {
    return http1.actualPort();
  }

  int h2cPort() {
    return h2c.actualPort();
  }

  /** Other price classes. */
  void classes(List<PricedClass> classes) throws Exception {
    onLoop(
        () -> {
          proxy.classes(classes, null);
          return true;
        });
  }

  /** A function with pods that take this many at once; 0: no limit. */
  void function(FunctionSettings settings, StandInPod... pods) throws Exception {
    function(settings, Stream.of(pods).map(StandInPod::address).toArray(PodAddress[]::new));
  }

  void function(FunctionSettings settings, PodAddress... pods) throws Exception {
    functions.put(settings.key(), settings);
    int concurrency = settings.concurrency() == 0 ? PodShare.UNLIMITED : settings.concurrency();
    onLoop(
        () -> {
          proxy
              .scheduler()
              .pods(
                  settings.key(),
                  List.of(pods).stream().map(pod -> new PodShare(pod, concurrency)).toList(),
                  System.nanoTime());
          return true;
        });
  }

  <T> T onLoop(Callable<T> action) throws Exception {
    Promise<T> promise = Promise.promise();
    context.runOnContext(
        _ -> {
          try {
            promise.complete(action.call());
          } catch (Exception e) {
            promise.fail(e);
          }
        });
    return Waiting.await(promise.future());
  }

  int waiting() throws Exception {
    return onLoop(() -> proxy.scheduler().waiting());
  }

  int running() throws Exception {
    return onLoop(() -> proxy.scheduler().running());
  }

  void close() throws Exception {
    Waiting.await(http1.close());
    Waiting.await(h2c.close());
    Waiting.await(onLoop(proxy::close));
  }
}

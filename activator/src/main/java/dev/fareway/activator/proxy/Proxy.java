package dev.fareway.activator.proxy;

import dev.fareway.activator.core.Baggage;
import dev.fareway.activator.core.Budgets;
import dev.fareway.activator.core.CallerTokens;
import dev.fareway.activator.core.ClassChoice;
import dev.fareway.activator.core.ConcurrencyLog;
import dev.fareway.activator.core.DeadlineWheel;
import dev.fareway.activator.core.FunctionSettings;
import dev.fareway.activator.core.Invocation;
import dev.fareway.activator.core.InvocationScheduler;
import dev.fareway.activator.core.InvocationSink;
import dev.fareway.activator.core.PodAddress;
import dev.fareway.activator.core.Refusal;
import dev.fareway.activator.core.RevisionKey;
import dev.fareway.activator.core.Throttled;
import dev.fareway.activator.tls.PodTrust;
import dev.fareway.scheduler.core.PriceTable;
import dev.fareway.scheduler.core.PricedClass;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.Collection;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The proxy in front of all functions: finds out whose a request is and what class it runs in, has
 * the scheduler say when it goes and where, and forwards it.
 *
 * <p>Everything runs on one event loop, without locks: an activator scales by replicas, each of
 * which is a shard with its own share of the pods.
 */
public final class Proxy implements InvocationSink {
  /** Until the price classes are known, and in a cluster that has none. */
  private static final PricedClass UNPRICED = new PricedClass("unpriced", 1);

  private static final CharSequence BAGGAGE = HttpHeaders.createOptimized(Baggage.HEADER);
  private static final long TICK_NANOS = 50_000_000L;

  private final Context context;
  private final ProxyOptions options;
  private final Directory directory;
  private final Tokens tokens;
  private final ProxyListener listener;
  private final Clock clock;
  private final Route route;
  private final Probes probes;
  private final PodClients clients;
  private final PodPool pods;
  private final ForwardedHeaders forwarded;
  private final RequestHead head = new RequestHead();
  private final PriceTable prices = new PriceTable();
  private final InvocationScheduler scheduler;
  private final ConcurrencyLog concurrency = new ConcurrencyLog();
  private final DeadlineWheel wheel;
  private final ConnectionGuard guard;
  private final ProxyMetrics metrics = new ProxyMetrics();
  private ClassChoice choice = new ClassChoice(List.of(UNPRICED), null);
  private final Budgets budgets = new Budgets();
  private long arrivals;
  private boolean isDraining;
  private boolean isShut;
  private boolean isSecure;

  /**
   * A proxy that knows no price class, no pod and no node yet. To be made, and used, on one event
   * loop.
   *
   * @param directory which functions there are
   * @param callerTokens signs and checks proofs of class
   * @param listener is told what happens
   * @param trust which pods are believed, where they are spoken to by TLS
   * @param whyNotReady why the activator isn't ready; empty if it is
   */
  public Proxy(
      Vertx vertx,
      ProxyOptions options,
      Directory directory,
      CallerTokens callerTokens,
      ProxyListener listener,
      PodTrust trust,
      Clock clock,
      Supplier<String> whyNotReady) {
    this.context = vertx.getOrCreateContext();
    this.options = options;
    this.directory = directory;
    this.tokens = new Tokens(callerTokens);
    this.listener = listener;
    this.clock = clock;
    this.route = new Route(options.clusterDomain());
    this.probes = new Probes(() -> isDraining ? "terminating" : whyNotReady.get());
    this.clients = new PodClients(vertx, options, trust);
    this.pods = new PodPool(vertx, options, clock::nanos, trust);
    this.forwarded = new ForwardedHeaders(options.knative());
    this.scheduler = new InvocationScheduler(prices, options.limits(), this);
    this.wheel = new DeadlineWheel(TICK_NANOS, clock.nanos());
    this.guard = new ConnectionGuard(wheel, options);
    prices.set(List.of(UNPRICED));
    vertx.setPeriodic(TICK_NANOS / 1_000_000, timer -> expire());
  }

  /** Says which price classes there are; none: all functions are alike. */
  public void classes(Collection<PricedClass> classes, @Nullable String byDefault) {
    Collection<PricedClass> known = classes.isEmpty() ? List.of(UNPRICED) : classes;
    prices.set(known);
    choice = new ClassChoice(known, byDefault);
  }

  /** Who is to spend more slowly; to be told of budgets. */
  public Budgets budgets() {
    return budgets;
  }

  /** What the classes cost; to be read only. */
  public PriceTable prices() {
    return prices;
  }

  /** Who goes next; to be told of pods and nodes. */
  public InvocationScheduler scheduler() {
    return scheduler;
  }

  /** What the autoscaler is to hear. */
  public ConcurrencyLog concurrency() {
    return concurrency;
  }

  /** A connection was opened to one of the servers. */
  public void connected(HttpConnection connection) {
    guard.opened(connection, clock.nanos());
  }

  /** A request has come in, with all its headers. */
  public void handle(HttpServerRequest request) {
    if (probes.answer(request)) {
      return;
    }
    RevisionKey key = route.of(request);
    FunctionSettings settings = key == null ? null : directory.find(key);
    if (settings == null) {
      request.response().setStatusCode(404).end("no such function\n");
      return;
    }
    long now = clock.nanos();
    List<String> baggage = request.headers().getAll(BAGGAGE);
    String priceClass =
        choice.ofInvocation(
            settings.priceClass(),
            settings.accept(),
            Baggage.read(baggage),
            tokens.signer(),
            clock.epochSeconds());
    var exchange = new Exchange(this, request, settings, prices, priceClass, now, arrivals++);
    guard.begun(request.connection());
    exchange.hold();
    if (budgets.isThrottled(settings)) {
      OptionalInt retryAfter =
          Throttled.retryAfterSeconds(
              scheduler.pods(settings.key()),
              scheduler.running(settings.key()) + scheduler.waiting(settings.key()));
      if (retryAfter.isPresent()) {
        // Not counted as concurrency: a function that spends too fast is not to be scaled up.
        exchange.fail(
            429,
            retryAfter.getAsInt(),
            "a budget throttles " + settings.key() + ": its pods have all that it pays for",
            Outcome.THROTTLED);
        return;
      }
    }
    if (concurrency.arrived(settings.key(), now)) {
      listener.woken(settings.key());
    }
    exchange.countsAsConcurrency();
    wheel.set(exchange.due(), exchange.timeouts().dueNanos(true));
    scheduler.arrive(exchange, now);
  }

  @Override
  public void dispatch(Invocation invocation, PodAddress pod) {
    var exchange = (Exchange) invocation;
    long now = clock.nanos();
    metrics.waited(exchange.priceClass(), now - exchange.createdNanos());
    if (options.maxWait().isPositive()) {
      wheel.set(exchange.due(), exchange.timeouts().dueNanos(false));
    }
    listener.started(exchange, pod, choice.ofFunction(exchange.settings().priceClass()));
    exchange.forward(pod);
  }

  @Override
  public void refuse(Invocation invocation, Refusal why) {
    ((Exchange) invocation).refused(why);
  }

  /** Whether no request may go to a pod in clear text from now on. */
  public void secure(boolean now) {
    isSecure = now;
  }

  /** Whether a request may go to a pod in the way that its address says. */
  boolean mayReach(PodAddress pod) {
    return !isSecure || pod.isSecure();
  }

  /** Stops being ready: callers are to learn of it while they are still served. */
  public void drain() {
    isDraining = true;
  }

  /** Stops keeping connections; what is here goes on to its end. */
  public void shut() {
    isShut = true;
    guard.closeIdle();
  }

  /** Whether nothing waits and nothing runs. */
  public boolean isIdle() {
    return scheduler.waiting() == 0 && scheduler.running() == 0;
  }

  /** Closes the connections to pods. */
  public Future<Void> close() {
    return Future.join(clients.close(), pods.close()).mapEmpty();
  }

  /** Writes the metrics in Prometheus' text format. */
  public void writeMetrics(StringBuilder out) {
    metrics.write(out);
    gauge(out, "fareway_activator_waiting", "Requests that wait for a pod.", scheduler.waiting());
    gauge(out, "fareway_activator_running", "Requests that pods have.", scheduler.running());
    gauge(out, "fareway_activator_connections", "Connections of callers.", guard.size());
    perRevision(out, "concurrency", concurrency::present);
    perRevision(out, "queued", scheduler::waiting);
    perRevision(out, "active", scheduler::running);
  }

  PodClients clients() {
    return clients;
  }

  PodPool pods() {
    return pods;
  }

  ProxyOptions options() {
    return options;
  }

  long now() {
    return clock.nanos();
  }

  /** Does this once what has been read so far has been handled. */
  void later(Runnable action) {
    context.runOnContext(_ -> action.run());
  }

  void setDeadline(Exchange exchange, long dueNanos) {
    wheel.set(exchange.due(), dueNanos);
  }

  /** Whether a request goes on over HTTP/2: as it came, where the pod is sure to speak it. */
  boolean speaksHttp2(HttpServerRequest request) {
    if (request.version() != HttpVersion.HTTP_2) {
      return false;
    }
    String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
    return options.knative() || (type != null && type.startsWith("application/grpc"));
  }

  /** Sets the headers of a request to a pod. */
  void prepare(Exchange exchange, HttpClientRequest out) {
    HttpServerRequest request = exchange.request();
    if (!options.knative() && request.authority() != null) {
      out.authority(request.authority());
    }
    forwarded.write(request, Route.hostOf(request), baggage(exchange), out.headers()::add);
  }

  /**
   * The head of a request to a pod over HTTP/1.1.
   *
   * @throws IllegalArgumentException if there is something in it that HTTP/1.1 can't say
   */
  ByteBuf encodeHead(
      Exchange exchange, PodAddress pod, ByteBufAllocator allocator, boolean isChunked) {
    HttpServerRequest request = exchange.request();
    String host = Route.hostOf(request);
    // A queue-proxy is asked by its own address, and told the original one.
    head.begin(
        request.method().name(),
        request.uri(),
        options.knative() || host == null ? pod.host() + ":" + pod.port() : host);
    forwarded.write(request, host, baggage(exchange), head);
    return head.end(allocator, isChunked);
  }

  private String baggage(Exchange exchange) {
    long lifetime =
        Math.min(
            exchange.settings().timeoutNanos() / 1_000_000_000L,
            options.tokenLifetime().toSeconds());
    String priceClass = exchange.priceClass();
    Tokens.Proof proof = tokens.of(priceClass, lifetime, clock.epochSeconds());
    List<String> callers = exchange.request().headers().getAll(BAGGAGE);
    return callers.isEmpty() ? proof.baggage() : Baggage.sendOn(callers, priceClass, proof.token());
  }

  /** A pod could not be connected to: the request waits for another one. */
  void notTaken(Exchange exchange, PodAddress pod) {
    listener.stopped(exchange, pod);
    listener.unreachable(exchange.revision(), pod);
    scheduler.notTaken(exchange, clock.nanos());
  }

  /** A pod broke a connection. */
  void unreachable(Exchange exchange, PodAddress pod) {
    listener.unreachable(exchange.revision(), pod);
  }

  void ended(Exchange exchange, Outcome outcome) {
    long now = clock.nanos();
    wheel.clear(exchange.due());
    metrics.ended(exchange.priceClass(), outcome);
    if (exchange.isCounted()) {
      concurrency.ended(exchange.revision(), now);
    }
    PodAddress pod = exchange.pod();
    if (pod != null) {
      listener.stopped(exchange, pod);
    }
    guard.ended(exchange.request().connection(), now);
    if (isShut && exchange.request().version() != HttpVersion.HTTP_2) {
      later(() -> exchange.request().connection().close());
    }
    scheduler.end(exchange, now);
  }

  private void expire() {
    long now = clock.nanos();
    wheel.expire(
        now,
        due -> {
          if (due instanceof Exchange.Due each) {
            each.exchange.expired(each.exchange.timeouts().judge(each.exchange.isWaiting(), now));
          } else {
            HttpConnection late = ConnectionGuard.of(due);
            if (late != null) {
              late.close();
            }
          }
        });
  }

  private void perRevision(StringBuilder out, String what, ToIntFunction<RevisionKey> value) {
    String name = "kn_revision_request_" + what;
    out.append("# TYPE ").append(name).append(" gauge\n");
    for (RevisionKey key : concurrency.keys()) {
      FunctionSettings settings = directory.find(key);
      out.append(
          "%s{k8s_namespace_name=\"%s\",kn_revision_name=\"%s\",kn_service_name=\"%s\",kn_configuration_name=\"%s\"} %d\n"
              .formatted(
                  name,
                  key.namespace(),
                  key.name(),
                  settings == null ? "" : settings.service(),
                  settings == null ? "" : settings.configuration(),
                  value.applyAsInt(key)));
    }
  }

  private static void gauge(StringBuilder out, String name, String help, long value) {
    out.append("# HELP %s %s\n# TYPE %s gauge\n%s %d\n".formatted(name, help, name, name, value));
  }

  /** The time. */
  public interface Clock {
    /** Nanoseconds of a clock that only goes forward. */
    long nanos();

    /** Seconds since the epoch. */
    long epochSeconds();

    /** The machine's. */
    static Clock system() {
      return new Clock() {
        @Override
        public long nanos() {
          return System.nanoTime();
        }

        @Override
        public long epochSeconds() {
          return System.currentTimeMillis() / 1000;
        }
      };
    }
  }
}

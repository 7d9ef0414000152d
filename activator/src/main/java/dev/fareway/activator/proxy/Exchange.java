package dev.fareway.activator.proxy;

import dev.fareway.activator.core.DeadlineWheel;
import dev.fareway.activator.core.FunctionSettings;
import dev.fareway.activator.core.Invocation;
import dev.fareway.activator.core.PodAddress;
import dev.fareway.activator.core.Refusal;
import dev.fareway.activator.core.Timeouts;
import dev.fareway.scheduler.core.PriceTable;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * One request from its arrival to its end: held back, then streamed to a pod and its answer back,
 * both ways at once and never as a whole. Ends exactly once, whatever happens first.
 */
final class Exchange extends Invocation implements PodAnswer {
  private static final Buffer NOTHING = Buffer.buffer();
  private static final long CANCEL = 0x8;

  private final Proxy proxy;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final FunctionSettings settings;
  private final Timeouts timeouts;
  private final Due due = new Due(this);
  private @Nullable PodAddress pod;
  private @Nullable PodRequest upstream;

  /** What is to be written next to the caller. */
  private @Nullable Buffer held;

  private @Nullable Tunnel tunnel;
  private boolean isHeld;
  private boolean isBodiless;
  private boolean hasSentBody;
  private boolean hasAnswer;
  private boolean hasRetried;
  private boolean isCounted;
  private boolean isOver;

  Exchange(
      Proxy proxy,
      HttpServerRequest request,
      FunctionSettings settings,
      PriceTable classes,
      String priceClass,
      long arrivedNanos,
      long number) {
    super(settings.key(), classes, priceClass, arrivedNanos, number);
    this.proxy = proxy;
    this.request = request;
    this.response = request.response();
    this.settings = settings;
    this.timeouts = new Timeouts(settings, proxy.options().maxWait().toNanos(), arrivedNanos);
  }

  /** Its place among the deadlines. */
  static final class Due extends DeadlineWheel.Deadline {
    final Exchange exchange;

    Due(Exchange exchange) {
      this.exchange = exchange;
    }
  }

  FunctionSettings settings() {
    return settings;
  }

  HttpServerRequest request() {
    return request;
  }

  Due due() {
    return due;
  }

  Timeouts timeouts() {
    return timeouts;
  }

  /** From now on the autoscaler hears of it. */
  void countsAsConcurrency() {
    isCounted = true;
  }

  boolean isCounted() {
    return isCounted;
  }

  /** Holds the body back and watches out for the caller. */
  void hold() {
    isHeld = request.version() == HttpVersion.HTTP_2 || hasBody() || isUpgrade();
    if (isHeld) {
      request.pause();
    }
    request.exceptionHandler(failure -> hungUp());
    response.exceptionHandler(failure -> hungUp());
    response.closeHandler(closed -> hungUp());
  }

  /** Sends it to a pod. */
  void forward(PodAddress to) {
    pod = to;
    if (!proxy.mayReach(to)) {
      notConnected();
    } else if (isUpgrade()) {
      proxy
          .clients()
          .request(to, request, false)
          .onComplete(
              made -> {
                if (made.failed()) {
                  notConnected();
                } else if (isOver) {
                  made.result().reset(CANCEL);
                } else {
                  sendUpgrade(made.result());
                }
              });
    } else if (proxy.speaksHttp2(request)) {
      proxy
          .clients()
          .request(to, request, true)
          .onComplete(
              made -> {
                if (made.failed()) {
                  notConnected();
                } else {
                  connected(new ClientRequest(proxy, made.result(), this));
                }
              });
    } else {
      proxy.pods().request(to, hasRetried, this);
    }
  }

  private boolean isUpgrade() {
    return request.version() == HttpVersion.HTTP_1_1
        && request.getHeader(HttpHeaders.UPGRADE) != null
        && request.headers().contains(HttpHeaders.CONNECTION, HttpHeaders.UPGRADE, true);
  }

  @Override
  public boolean isOver() {
    return isOver;
  }

  @Override
  public void notConnected() {
    if (!isOver && pod != null) {
      proxy.notTaken(this, pod);
    }
  }

  @Override
  public void connected(PodRequest out) {
    if (isOver) {
      out.cancel();
      return;
    }
    upstream = out;
    boolean hasBody = hasBody();
    try {
      out.start(this, hasBody);
    } catch (IllegalArgumentException malformed) {
      fail(400, 0, String.valueOf(malformed.getMessage()), Outcome.MALFORMED);
      return;
    }
    if (hasBody) {
      hasSentBody = true;
      if (request.getHeader(HttpHeaders.EXPECT) != null) {
        response.writeContinue();
      }
      streamBody(out);
    } else {
      out.end();
    }
    if (isHeld) {
      request.resume();
    }
  }

  private void streamBody(PodRequest out) {
    request.handler(
        chunk -> {
          if (!out.equals(upstream)) {
            return;
          }
          out.write(chunk);
          if (out.equals(upstream) && out.isFull()) {
            request.pause();
            out.whenDrained(request::resume);
          }
        });
    request.endHandler(
        ended -> {
          if (out.equals(upstream)) {
            out.end();
          }
        });
  }

  private boolean hasBody() {
    if (request.version() == HttpVersion.HTTP_2) {
      return !request.isEnded();
    }
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    return (length != null && !length.equals("0"))
        || request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null;
  }

  /** Whether it says how long its body is. */
  boolean hasLength() {
    return request.getHeader(HttpHeaders.CONTENT_LENGTH) != null;
  }

  /** Its head as a pod gets it. */
  ByteBuf encodeHead(PodAddress to, ByteBufAllocator allocator, boolean isChunked) {
    return proxy.encodeHead(this, to, allocator, isChunked);
  }

  @Override
  public void head(int status, String reason, MultiMap headers) {
    if (isOver) {
      return;
    }
    hasAnswer = true;
    moved();
    response.setStatusCode(status);
    if (!reason.isEmpty() && request.version() != HttpVersion.HTTP_2) {
      response.setStatusMessage(reason);
    }
    Headers.copy(headers, response.headers());
    isBodiless = HttpMethod.HEAD.equals(request.method()) || status == 204 || status == 304;
    if (!isBodiless && !headers.contains(HttpHeaders.CONTENT_LENGTH)) {
      response.setChunked(true);
    }
  }

  @Override
  public void body(Buffer chunk) {
    if (isOver) {
      return;
    }
    if (held != null) {
      pass(held);
    }
    // The last part goes out with the end: most answers are one part.
    held = chunk;
  }

  @Override
  public void caughtUp() {
    if (isOver || !hasAnswer || isBodiless) {
      return;
    }
    if (held != null) {
      Buffer chunk = held;
      held = null;
      pass(chunk);
    } else if (!response.headWritten()) {
      // Headers go out at once even if the body takes its time.
      response.write(NOTHING);
    }
  }

  private void pass(Buffer chunk) {
    moved();
    response.write(chunk);
    PodRequest from = upstream;
    if (from != null && response.writeQueueFull()) {
      from.pauseAnswer();
      response.drainHandler(
          drained -> {
            if (from.equals(upstream)) {
              from.resumeAnswer();
            }
          });
    }
  }

  @Override
  public void end(@Nullable MultiMap trailers) {
    if (isOver) {
      return;
    }
    if (trailers != null) {
      response.trailers().addAll(trailers);
    }
    boolean isBodyLeft = !request.isEnded();
    isOver = true;
    if (held != null) {
      response.end(held);
      held = null;
    } else {
      response.end();
    }
    PodRequest done = upstream;
    upstream = null;
    if (isBodyLeft) {
      // The function has answered without having read all: nothing more can follow on here.
      if (hasSentBody && done != null) {
        done.cancel();
      }
      if (request.version() == HttpVersion.HTTP_2) {
        request.resume();
      } else {
        request.connection().close();
      }
    }
    proxy.ended(this, Outcome.ANSWERED);
  }

  /** No answer: once more where that can't do harm (RFC 9110, 9.2.2), else 502. */
  @Override
  public void broken() {
    if (isOver || pod == null) {
      return;
    }
    upstream = null;
    boolean mayRepeat =
        !hasAnswer
            && !hasSentBody
            && (HttpMethod.GET.equals(request.method())
                || HttpMethod.HEAD.equals(request.method())
                || HttpMethod.OPTIONS.equals(request.method()));
    if (mayRepeat && !hasRetried) {
      // Most likely a kept connection that the pod closed just then.
      hasRetried = true;
      forward(pod);
    } else {
      // Not a third time: it may be the request that brings the pod down.
      if (!hasAnswer) {
        proxy.unreachable(this, pod);
      }
      breakOff(Outcome.POD_FAILED);
    }
  }

  private void sendUpgrade(HttpClientRequest out) {
    var asUpgrade = new ClientRequest(proxy, out, this);
    upstream = asUpgrade;
    proxy.prepare(this, out);
    out.putHeader(HttpHeaders.CONNECTION, HttpHeaders.UPGRADE);
    out.putHeader(HttpHeaders.UPGRADE, request.getHeader(HttpHeaders.UPGRADE));
    out.connect()
        .onComplete(
            answered -> {
              if (isOver) {
                return;
              }
              if (answered.failed()) {
                breakOff(Outcome.POD_FAILED);
              } else if (answered.result().statusCode() == 101) {
                openTunnel(answered.result());
              } else {
                asUpgrade.answered(answered.result());
              }
            });
    request.handler(out::write);
    request.endHandler(ended -> out.end());
    request.resume();
  }

  private void openTunnel(HttpClientResponse in) {
    hasAnswer = true;
    response.setStatusCode(101);
    response.headers().addAll(in.headers());
    request
        .toNetSocket()
        .onComplete(
            opened -> {
              if (opened.failed() || isOver) {
                in.netSocket().close();
                hungUp();
              } else {
                tunnel = new Tunnel(opened.result(), in.netSocket(), this::moved);
                tunnel.whenClosed(() -> close(Outcome.ANSWERED));
              }
            });
  }

  /** The function has sent something. */
  private void moved() {
    if (timeouts.moveWithBytes()) {
      long now = proxy.now();
      timeouts.byteSent(now);
      proxy.setDeadline(this, timeouts.dueNanos(false));
    }
  }

  /** Turned away by the scheduler. */
  void refused(Refusal why) {
    switch (why) {
      case CLASS_QUEUE_FULL, QUEUE_FULL ->
          fail(503, 1, "too many requests of price class " + priceClass() + " wait", Outcome.SHED);
      case FUNCTION_GONE -> fail(404, 0, revision() + " was deleted", Outcome.SHED);
    }
  }

  /** A deadline has passed. */
  void expired(Timeouts.Verdict verdict) {
    switch (verdict) {
      case GO_ON -> proxy.setDeadline(this, timeouts.dueNanos(isWaiting()));
      case WAITED_TOO_LONG -> fail(503, 1, "no pod had room in time", Outcome.WAITED_TOO_LONG);
      case TIMED_OUT -> {
        if (response.headWritten()) {
          breakOff(Outcome.TIMED_OUT);
        } else {
          fail(504, 0, "activator request timeout", Outcome.TIMED_OUT);
        }
      }
    }
  }

  private void breakOff(Outcome outcome) {
    if (isOver) {
      return;
    }
    if (response.headWritten() || hasAnswer) {
      close(outcome);
      response.reset(CANCEL);
    } else {
      fail(502, 0, "the function's pod did not answer", outcome);
    }
  }

  private void hungUp() {
    if (!isOver) {
      close(Outcome.HUNG_UP);
    }
  }

  /** Answers in the function's place. */
  void fail(int status, int retryAfterSeconds, String message, Outcome outcome) {
    if (isOver) {
      return;
    }
    response.setStatusCode(status).putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; charset=utf-8");
    if (retryAfterSeconds > 0) {
      response.putHeader(HttpHeaders.RETRY_AFTER, Integer.toString(retryAfterSeconds));
    }
    isOver = true;
    cancelUpstream();
    response
        .end(message + "\n")
        .onComplete(
            written -> {
              // What is left of the body is not waited for.
              if (request.version() == HttpVersion.HTTP_2) {
                request.resume();
              } else if (hasBody()) {
                request.connection().close();
              } else {
                request.resume();
              }
            });
    proxy.ended(this, outcome);
  }

  private void close(Outcome outcome) {
    isOver = true;
    cancelUpstream();
    if (tunnel != null) {
      tunnel.close();
    }
    proxy.ended(this, outcome);
  }

  private void cancelUpstream() {
    PodRequest left = upstream;
    upstream = null;
    if (left != null && tunnel == null) {
      left.cancel();
    }
  }
}

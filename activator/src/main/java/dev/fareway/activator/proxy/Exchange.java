package dev.fareway.activator.proxy;

import dev.fareway.activator.core.DeadlineWheel;
import dev.fareway.activator.core.FunctionSettings;
import dev.fareway.activator.core.Invocation;
import dev.fareway.activator.core.PodAddress;
import dev.fareway.activator.core.Refusal;
import dev.fareway.activator.core.Timeouts;
import dev.fareway.scheduler.core.PriceTable;
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
final class Exchange extends Invocation {
  private static final Buffer NOTHING = Buffer.buffer();
  private static final long CANCEL = 0x8;

  private final Proxy proxy;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final FunctionSettings settings;
  private final Timeouts timeouts;
  private final Due due = new Due(this);
  private @Nullable HttpClientRequest upstream;
  private @Nullable Tunnel tunnel;
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
    request.pause();
    request.exceptionHandler(failure -> hungUp());
    response.exceptionHandler(failure -> hungUp());
    response.closeHandler(closed -> hungUp());
  }

  /** Sends it to a pod. */
  void forward(PodAddress pod) {
    boolean isUpgrade = isUpgrade();
    boolean isHttp2 = !isUpgrade && proxy.speaksHttp2(request);
    proxy
        .clients()
        .request(pod, request.method(), request.uri(), isHttp2)
        .onComplete(
            connected -> {
              if (isOver) {
                if (connected.succeeded()) {
                  connected.result().reset(CANCEL);
                }
              } else if (connected.failed()) {
                proxy.notTaken(this, pod);
              } else if (isUpgrade) {
                sendUpgrade(connected.result());
              } else {
                send(connected.result(), pod);
              }
            });
  }

  private boolean isUpgrade() {
    return request.version() == HttpVersion.HTTP_1_1
        && request.getHeader(HttpHeaders.UPGRADE) != null
        && request.headers().contains(HttpHeaders.CONNECTION, HttpHeaders.UPGRADE, true);
  }

  private void send(HttpClientRequest out, PodAddress pod) {
    upstream = out;
    proxy.prepare(this, out);
    out.response()
        .onComplete(
            answered -> {
              if (answered.succeeded()) {
                answer(answered.result());
              } else {
                podFailed(pod);
              }
            });
    if (hasBody()) {
      hasSentBody = true;
      if (request.getHeader(HttpHeaders.CONTENT_LENGTH) == null) {
        out.setChunked(true);
      }
      if (request.getHeader(HttpHeaders.EXPECT) != null) {
        response.writeContinue();
      }
      streamBody(out);
    } else {
      out.end();
    }
    request.resume();
  }

  private void streamBody(HttpClientRequest out) {
    request.handler(
        chunk -> {
          out.write(chunk);
          if (out.writeQueueFull()) {
            request.pause();
            out.drainHandler(drained -> request.resume());
          }
        });
    request.endHandler(ended -> out.end());
  }

  private boolean hasBody() {
    if (request.version() == HttpVersion.HTTP_2) {
      return !request.isEnded();
    }
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    return request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null
        || (length != null && !length.equals("0"));
  }

  private void answer(HttpClientResponse in) {
    if (isOver) {
      return;
    }
    hasAnswer = true;
    moved();
    int status = in.statusCode();
    response.setStatusCode(status);
    if (request.version() != HttpVersion.HTTP_2 && !in.statusMessage().isEmpty()) {
      response.setStatusMessage(in.statusMessage());
    }
    Headers.copy(in.headers(), response.headers());
    boolean isBodiless =
        HttpMethod.HEAD.equals(request.method()) || status == 204 || status == 304 || status < 200;
    if (!isBodiless && in.getHeader(HttpHeaders.CONTENT_LENGTH) == null) {
      response.setChunked(true);
    }
    in.exceptionHandler(failure -> breakOff(Outcome.POD_FAILED));
    in.handler(
        chunk -> {
          moved();
          response.write(chunk);
          if (response.writeQueueFull()) {
            in.pause();
            response.drainHandler(drained -> in.resume());
          }
        });
    in.endHandler(
        ended -> {
          if (!isOver) {
            if (!in.trailers().isEmpty()) {
              response.trailers().addAll(in.trailers());
            }
            end(Outcome.ANSWERED);
          }
        });
    // Headers go out at once even if the body takes its time; usually the body is here already.
    proxy.later(
        () -> {
          if (!isOver && !response.headWritten() && !isBodiless) {
            response.write(NOTHING);
          }
        });
  }

  private void sendUpgrade(HttpClientRequest out) {
    upstream = out;
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
                answer(answered.result());
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

  /** No answer: once more where that can't do harm (RFC 9110, 9.2.2), else 502. */
  private void podFailed(PodAddress pod) {
    if (isOver) {
      return;
    }
    boolean mayRepeat =
        !hasSentBody
            && (HttpMethod.GET.equals(request.method())
                || HttpMethod.HEAD.equals(request.method())
                || HttpMethod.OPTIONS.equals(request.method()));
    if (mayRepeat && !hasRetried) {
      // Most likely a kept connection that the pod closed just then.
      hasRetried = true;
      forward(pod);
    } else {
      // Not a third time: it may be the request that brings the pod down.
      proxy.unreachable(this, pod);
      breakOff(Outcome.POD_FAILED);
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

  private void end(Outcome outcome) {
    isOver = true;
    boolean isBodyLeft = !request.isEnded();
    response.end();
    if (isBodyLeft) {
      // The function has answered without having read all: nothing more can follow on here.
      cancelUpstream();
      if (request.version() == HttpVersion.HTTP_2) {
        request.resume();
      } else {
        request.connection().close();
      }
    }
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
    if (upstream != null && tunnel == null) {
      upstream.reset(CANCEL);
    }
  }
}

package dev.fareway.activator.proxy;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import org.jspecify.annotations.Nullable;

/** A request through Vert.x' client: one over HTTP/2, or one that asks for an upgrade. */
final class ClientRequest implements PodRequest {
  private static final long CANCEL = 0x8;

  private final Proxy proxy;
  private final HttpClientRequest out;
  private final PodAnswer answer;
  private @Nullable HttpClientResponse in;

  ClientRequest(Proxy proxy, HttpClientRequest out, PodAnswer answer) {
    this.proxy = proxy;
    this.out = out;
    this.answer = answer;
  }

  @Override
  public void start(Exchange exchange, boolean hasBody) {
    proxy.prepare(exchange, out);
    out.response()
        .onComplete(
            answered -> {
              if (answered.succeeded()) {
                answered(answered.result());
              } else {
                answer.broken();
              }
            });
    if (hasBody && !exchange.hasLength()) {
      out.setChunked(true);
    }
  }

  /** Passes the answer on. */
  void answered(HttpClientResponse response) {
    in = response;
    answer.head(response.statusCode(), response.statusMessage(), response.headers());
    response.exceptionHandler(failure -> answer.broken());
    response.handler(
        chunk -> {
          answer.body(chunk);
          answer.caughtUp();
        });
    response.endHandler(
        ended -> answer.end(response.trailers().isEmpty() ? null : response.trailers()));
    // Usually the body is here already.
    proxy.later(answer::caughtUp);
  }

  @Override
  public void write(Buffer chunk) {
    out.write(chunk);
  }

  @Override
  public boolean isFull() {
    return out.writeQueueFull();
  }

  @Override
  public void whenDrained(Runnable action) {
    out.drainHandler(drained -> action.run());
  }

  @Override
  public void end() {
    out.end();
  }

  @Override
  public void pauseAnswer() {
    if (in != null) {
      in.pause();
    }
  }

  @Override
  public void resumeAnswer() {
    if (in != null) {
      in.resume();
    }
  }

  @Override
  public void cancel() {
    out.reset(CANCEL);
  }
}

package dev.fareway.activator.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * A kept HTTP/1.1 connection to a pod, with at most one request on it.
 *
 * <p>Shaped by speed: Vert.x' client costs more than all else that the activator does with a
 * request (see docs/decisions/043). What it lacks is what a proxy doesn't need: pipelining,
 * redirects, cookies, upgrades (those go through Vert.x' client).
 */
final class PodConnection extends ChannelInboundHandlerAdapter implements PodRequest {
  private static final byte[] LINE_END = {'\r', '\n'};
  private static final ByteBuf LAST_CHUNK =
      Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer("0\r\n\r\n".getBytes(US_ASCII)))
          .asReadOnly();

  private final PodPool pool;
  private final PodPool.Pod pod;
  private final ResponseDecoder decoder;
  private @Nullable ChannelHandlerContext context;
  private @Nullable PodAnswer answer;
  private @Nullable Runnable drained;
  private boolean isChunked;
  private boolean isSent;
  private boolean isInterim;
  private boolean isKept;
  private boolean isUnflushed;

  /** Since when it has no request. */
  long idleSinceNanos;

  PodConnection(PodPool pool, PodPool.Pod pod, ResponseDecoder decoder) {
    this.pool = pool;
    this.pod = pod;
    this.decoder = decoder;
  }

  PodPool.Pod pod() {
    return pod;
  }

  boolean isOpen() {
    return context != null && context.channel().isActive();
  }

  void close() {
    // What becomes of it is told to channelInactive.
    var _ = context().close();
  }

  /** Takes a request, whose sender is told so. */
  void take(PodAnswer sender) {
    answer = sender;
    isSent = false;
    isInterim = false;
    sender.connected(this);
  }

  // --- the request

  @Override
  public void start(Exchange exchange, boolean hasBody) {
    isChunked = hasBody && !exchange.hasLength();
    decoder.isHead = HttpMethod.HEAD.name().equals(exchange.request().method().name());
    ByteBuf head = exchange.encodeHead(pod.address, context().alloc(), isChunked);
    send(head);
    if (hasBody) {
      // Usually the body's first part is here already and goes with the head.
      context().executor().execute(this::flush);
    }
  }

  @Override
  public void write(Buffer chunk) {
    ByteBuf bytes = bytesOf(chunk);
    if (!bytes.isReadable()) {
      return;
    }
    if (isChunked) {
      byte[] size = Integer.toHexString(bytes.readableBytes()).getBytes(US_ASCII);
      ByteBuf line = context().alloc().directBuffer(size.length + 2);
      line.writeBytes(size).writeBytes(LINE_END);
      send(line);
      send(bytes);
      send(Unpooled.wrappedBuffer(LINE_END));
    } else {
      send(bytes);
    }
    flush();
  }

  @Override
  public boolean isFull() {
    return !context().channel().isWritable();
  }

  @Override
  public void whenDrained(Runnable action) {
    drained = action;
  }

  @Override
  public void end() {
    isSent = true;
    if (isChunked) {
      send(LAST_CHUNK.duplicate());
    }
    flush();
  }

  @Override
  public void pauseAnswer() {
    context().channel().config().setAutoRead(false);
  }

  @Override
  public void resumeAnswer() {
    context().channel().config().setAutoRead(true);
  }

  @Override
  public void cancel() {
    answer = null;
    close();
  }

  private void send(ByteBuf bytes) {
    // Whatever fails closes the connection, and is told so.
    var _ = context().write(bytes, context().voidPromise());
    isUnflushed = true;
  }

  private void flush() {
    if (isUnflushed) {
      isUnflushed = false;
      context().flush();
    }
  }

  // --- the answer

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    if (message instanceof HttpResponse head) {
      read(head);
    }
    if (message instanceof HttpContent content) {
      try {
        read(content);
      } finally {
        content.release();
      }
    }
  }

  private void read(HttpResponse head) {
    int status = head.status().code();
    if (answer == null || head.decoderResult().isFailure() || status == 101) {
      // Nobody has asked, or it is no answer to what was asked.
      close();
      return;
    }
    isInterim = status < 200;
    if (isInterim) {
      return;
    }
    isKept =
        HttpUtil.isKeepAlive(head)
            && (decoder.isHead
                || status == 204
                || status == 304
                || HttpUtil.isContentLengthSet(head)
                || HttpUtil.isTransferEncodingChunked(head));
    answer.head(status, head.status().reasonPhrase(), (MultiMap) head.headers());
  }

  private void read(HttpContent content) {
    if (answer == null) {
      return;
    }
    if (content.decoderResult().isFailure()) {
      close();
      return;
    }
    if (isInterim) {
      return;
    }
    ByteBuf bytes = content.content();
    if (bytes.isReadable()) {
      answer.body(copyOf(bytes));
    }
    if (content instanceof LastHttpContent last && answer != null) {
      finish(last.trailingHeaders());
    }
  }

  private void finish(HttpHeaders trailers) {
    PodAnswer done = answer;
    answer = null;
    drained = null;
    if (isKept && isSent && isOpen()) {
      resumeAnswer();
      // First: whoever is next for this pod can have it at once.
      pool.free(this);
    } else {
      close();
    }
    if (done != null) {
      done.end(Headers.copyOf(trailers));
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext from) {
    if (answer != null) {
      answer.caughtUp();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext from) {
    Runnable action = drained;
    if (action != null && from.channel().isWritable()) {
      drained = null;
      action.run();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
    // Reset by the pod, or no HTTP: as good as closed.
    close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext from) {
    PodAnswer left = answer;
    answer = null;
    pool.closed(this);
    if (left != null) {
      left.broken();
    }
  }

  // Both are meant to be internal, and are so in Vert.x 5 (BufferInternal).
  @SuppressWarnings("deprecation")
  private static ByteBuf bytesOf(Buffer buffer) {
    return buffer.getByteBuf();
  }

  /** On the heap: nobody has to release it. */
  @SuppressWarnings("deprecation")
  private static Buffer copyOf(ByteBuf bytes) {
    return Buffer.buffer(Unpooled.buffer(bytes.readableBytes()).writeBytes(bytes));
  }

  private ChannelHandlerContext context() {
    if (context == null) {
      throw new IllegalStateException("not connected yet");
    }
    return context;
  }
}

package dev.fareway.activator.proxy;

import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpHeadersFactory;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.vertx.core.http.impl.headers.HeadersMultiMap;

/** Netty's decoder of answers, which is told where there is no body, into Vert.x' headers. */
final class ResponseDecoder extends HttpResponseDecoder {
  private static final HttpHeadersFactory HEADERS =
      new HttpHeadersFactory() {
        @Override
        public HttpHeaders newHeaders() {
          return HeadersMultiMap.httpHeaders();
        }

        @Override
        public HttpHeaders newEmptyHeaders() {
          return HeadersMultiMap.httpHeaders();
        }
      };

  /** Whether HEAD was asked: the answer then has no body, whatever its head says. */
  boolean isHead;

  ResponseDecoder(int maxHeaderBytes) {
    super(
        new HttpDecoderConfig()
            .setMaxHeaderSize(maxHeaderBytes)
            .setInitialBufferSize(256)
            .setHeadersFactory(HEADERS)
            .setTrailersFactory(HEADERS));
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpMessage message) {
    return isHead || super.isContentAlwaysEmpty(message);
  }
}

package dev.fareway.activator.autoscaler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class AutoscalerLinkTest {
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int PING = 0x89;

  /** Takes some 20 seconds of waiting: the times are Knative's. */
  @Test
  @Timeout(120)
  void autoscaler_thatFallsSilent_isGivenUp_andConnectedToAnew() throws Exception {
    Vertx vertx = Vertx.vertx();
    try (var server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress())) {
      Context context = vertx.getOrCreateContext();
      var made = new CompletableFuture<AutoscalerLink>();
      context.runOnContext(
          _ -> {
            var link = new AutoscalerLink(vertx, "127.0.0.1", server.getLocalPort(), "pod");
            link.open();
            made.complete(link);
          });
      AutoscalerLink link = made.get(30, TimeUnit.SECONDS);

      // One that says nothing at all.
      try (Socket _ = server.accept();
          Socket silent = server.accept()) {
        assertFalse(isConnected(context, link));
        // One that answers, and then no more.
        shakeHands(silent);
        assertEquals(PING, silent.getInputStream().read());
        assertTrue(isConnected(context, link));
        try (Socket next = server.accept()) {
          assertFalse(isConnected(context, link));
          shakeHands(next);
          assertEquals(PING, next.getInputStream().read());
          assertTrue(isConnected(context, link));
        }
      }
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
  }

  private static boolean isConnected(Context context, AutoscalerLink link) throws Exception {
    var answer = new CompletableFuture<Boolean>();
    context.runOnContext(_ -> answer.complete(link.isConnected()));
    return answer.get(30, TimeUnit.SECONDS);
  }

  /** Accepts a WebSocket (RFC 6455, 4.2.2). */
  private static void shakeHands(Socket socket) throws Exception {
    var in =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
    String key = "";
    for (String line = in.readLine(); !line.isEmpty(); line = in.readLine()) {
      if (line.toLowerCase(java.util.Locale.ROOT).startsWith("sec-websocket-key:")) {
        key = line.substring(line.indexOf(':') + 1).strip();
      }
    }
    String accept =
        Base64.getEncoder()
            .encodeToString(
                MessageDigest.getInstance("SHA-1")
                    .digest((key + GUID).getBytes(StandardCharsets.US_ASCII)));
    socket
        .getOutputStream()
        .write(
            ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                    + accept
                    + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
  }
}

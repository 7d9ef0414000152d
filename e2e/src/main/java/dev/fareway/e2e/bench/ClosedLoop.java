package dev.fareway.e2e.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Callers that ask a function for long work again as soon as it has answered, until closed. */
final class ClosedLoop implements AutoCloseable {
  private static final int MICROS = 500_000;

  private final HttpClient client;
  private final List<Thread> callers = new ArrayList<>();

  /** Starts so many callers. */
  ClosedLoop(URI activator, String host, int count) {
    client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    HttpRequest request =
        HttpRequest.newBuilder(activator.resolve("/?cpu-micros=" + MICROS))
            .timeout(Duration.ofMinutes(5))
            .header("Host", host)
            .build();
    for (int i = 0; i < count; i++) {
      callers.add(Thread.ofVirtual().start(() -> callOn(request)));
    }
  }

  private void callOn(HttpRequest request) {
    try {
      while (true) {
        client.send(request, BodyHandlers.discarding());
      }
    } catch (IOException e) {
      System.err.println("a caller of the crowd has ended: " + e);
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  @Override
  public void close() {
    callers.forEach(Thread::interrupt);
    client.shutdownNow();
  }
}

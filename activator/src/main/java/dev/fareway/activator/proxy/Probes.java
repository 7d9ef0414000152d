package dev.fareway.activator.proxy;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.function.Supplier;

/** Answers the probes of the kubelet and of Knative's components, which may come on any path. */
final class Probes {
  private static final CharSequence PROBE = HttpHeaders.createOptimized("K-Network-Probe");
  private static final String HASH = "K-Network-Hash";
  private static final String KUBELET = "kube-probe/";

  private final Supplier<String> whyNotReady;

  /** With what says why the activator isn't ready; empty if it is. */
  Probes(Supplier<String> whyNotReady) {
    this.whyNotReady = whyNotReady;
  }

  /** Answers a probe; false if the request is none. */
  boolean answer(HttpServerRequest request) {
    String agent = request.getHeader(HttpHeaders.USER_AGENT);
    if (agent != null && agent.startsWith(KUBELET)) {
      String why = whyNotReady.get();
      request.response().setStatusCode(why.isEmpty() ? 200 : 500).end(why);
      return true;
    }
    String probe = request.getHeader(PROBE);
    if (probe == null || probe.isEmpty()) {
      return false;
    }
    HttpServerResponse response = request.response();
    switch (probe) {
      case "probe" -> {
        String hash = request.getHeader(HASH);
        if (hash == null || hash.isEmpty()) {
          response.setStatusCode(400).end("a probe must have a \"" + HASH + "\" header");
        } else {
          response.putHeader(HASH, hash).end();
        }
      }
      case "activator" -> response.end("activator");
      default -> response.setStatusCode(400).end("unexpected value of " + PROBE);
    }
    return true;
  }
}

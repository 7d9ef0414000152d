package dev.fareway.activator.proxy;

import dev.fareway.activator.core.RevisionKey;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds out which function a request is for. */
final class Route {
  private static final CharSequence REVISION =
      HttpHeaders.createOptimized("Knative-Serving-Revision");
  private static final CharSequence NAMESPACE =
      HttpHeaders.createOptimized("Knative-Serving-Namespace");

  /** Most hosts whose function is remembered. */
  private static final int KNOWN = 4096;

  private final Map<String, RevisionKey> known = new HashMap<>();
  private final String serviceDomain;

  Route(String clusterDomain) {
    serviceDomain = ".svc." + clusterDomain;
  }

  /** By the ingress' headers, else by the host {@code NAME.NAMESPACE.svc.DOMAIN}; or null. */
  @Nullable RevisionKey of(HttpServerRequest request) {
    String name = request.getHeader(REVISION);
    if (name != null && !name.isEmpty()) {
      String namespace = request.getHeader(NAMESPACE);
      if (namespace != null && !namespace.isEmpty()) {
        return new RevisionKey(namespace, name);
      }
    }
    String host = hostOf(request);
    if (host == null) {
      return null;
    }
    RevisionKey key = known.get(host);
    if (key == null) {
      key = ofHost(host);
      if (key != null) {
        if (known.size() >= KNOWN) {
          known.clear();
        }
        known.put(host, key);
      }
    }
    return key;
  }

  /** What the caller takes the activator for, with the port if it named one; null for nothing. */
  static @Nullable String hostOf(HttpServerRequest request) {
    if (request.version() == HttpVersion.HTTP_2) {
      HostAndPort authority = request.authority();
      return authority == null ? null : authority.toString();
    }
    return request.getHeader(HttpHeaders.HOST);
  }

  private @Nullable RevisionKey ofHost(String hostAndPort) {
    int colon = hostAndPort.indexOf(':');
    String host = colon < 0 ? hostAndPort : hostAndPort.substring(0, colon);
    if (!host.endsWith(serviceDomain)) {
      return null;
    }
    int end = host.length() - serviceDomain.length();
    int dot = host.indexOf('.');
    if (dot <= 0 || dot + 1 >= end || host.indexOf('.', dot + 1) != end) {
      return null;
    }
    return new RevisionKey(host.substring(dot + 1, end), host.substring(0, dot));
  }
}

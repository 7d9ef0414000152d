package dev.fareway.activator.proxy;

import dev.fareway.activator.core.RevisionKey;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import org.jspecify.annotations.Nullable;

/** Finds out which function a request is for. */
final class Route {
  static final String REVISION = "Knative-Serving-Revision";
  static final String NAMESPACE = "Knative-Serving-Namespace";

  private final String serviceDomain;

  Route(String clusterDomain) {
    serviceDomain = ".svc." + clusterDomain;
  }

  /** By the ingress' headers, else by the host {@code NAME.NAMESPACE.svc.DOMAIN}; or null. */
  @Nullable RevisionKey of(HttpServerRequest request) {
    String name = request.getHeader(REVISION);
    String namespace = request.getHeader(NAMESPACE);
    if (name != null && namespace != null && !name.isEmpty() && !namespace.isEmpty()) {
      return new RevisionKey(namespace, name);
    }
    HostAndPort authority = request.authority();
    return authority == null ? null : ofHost(authority.host());
  }

  private @Nullable RevisionKey ofHost(String host) {
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

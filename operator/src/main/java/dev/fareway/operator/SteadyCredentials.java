package dev.fareway.operator;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.utils.Utils;

/**
 * Keeps a client that has a certificate and no token from looking for one.
 *
 * <p>The client (fabric8 7.6, {@code TokenRefreshInterceptor}) takes a missing token for one that
 * has run out: from a minute after its start it reads its kubeconfig anew before every request,
 * which costs four times as much as the request. A provider that says that there is none is asked
 * instead. With a service account's token, as in a cluster, nothing is changed.
 */
final class SteadyCredentials {
  private SteadyCredentials() {}

  static void settle(Config config) {
    boolean hasCertificate =
        Utils.isNotNullOrEmpty(config.getClientCertData())
            || Utils.isNotNullOrEmpty(config.getClientCertFile());
    boolean hasToken =
        config.getOauthTokenProvider() != null
            || config.getAuthProvider() != null
            || Utils.isNotNullOrEmpty(config.getOauthToken())
            || Utils.isNotNullOrEmpty(config.getAutoOAuthToken());
    if (hasCertificate && !hasToken) {
      config.setOauthTokenProvider(() -> null);
    }
  }
}

package dev.fareway.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.OAuthTokenProvider;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.StandardHttpRequest;
import io.fabric8.kubernetes.client.utils.TokenRefreshInterceptor;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class SteadyCredentialsTest {
  /** Counts how often it is read anew. */
  private static final class Counted extends Config {
    private int refreshed;

    @Override
    public Config refresh() {
      refreshed++;
      return this;
    }
  }

  @Test
  void clientWithACertificate_doesNotReadItsKubeconfigForEveryRequest() {
    var config = new Counted();
    config.setClientCertData("Y2VydA==");

    SteadyCredentials.settle(config);
    var interceptor =
        new TokenRefreshInterceptor(
            config, Instant.EPOCH, _ -> CompletableFuture.completedFuture(""));
    BasicBuilder request = new StandardHttpRequest.Builder();
    interceptor.before(request, null, null);

    assertEquals(0, config.refreshed);
  }

  @Test
  void clientWithAToken_orWithoutAny_staysAsItIs() {
    Config token =
        new ConfigBuilder(Config.empty())
            .withClientCertData("Y2VydA==")
            .withOauthToken("token")
            .build();
    Config nothing = new ConfigBuilder(Config.empty()).build();
    OAuthTokenProvider own = () -> "own";
    Config provided =
        new ConfigBuilder(Config.empty())
            .withClientCertData("Y2VydA==")
            .withOauthTokenProvider(own)
            .build();

    SteadyCredentials.settle(token);
    SteadyCredentials.settle(nothing);
    SteadyCredentials.settle(provided);

    assertNull(token.getOauthTokenProvider());
    assertNull(nothing.getOauthTokenProvider());
    assertSame(own, provided.getOauthTokenProvider());
  }
}

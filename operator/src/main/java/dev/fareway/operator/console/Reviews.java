package dev.fareway.operator.console;

import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import java.io.IOException;
import java.util.Optional;

/** Port: what the API server says of who asks. Waits for it, for a bounded time. */
interface Reviews {
  /**
   * Whose token it is; empty if it is nobody's, or not made for this.
   *
   * @throws IOException if the API server does not say
   */
  Optional<UserInfo> who(String token) throws IOException;

  /**
   * Whether somebody may read the console.
   *
   * @throws IOException if the API server does not say
   */
  boolean mayRead(UserInfo user) throws IOException;
}

package dev.fareway.operator.console;

import java.io.IOException;

/** Port: where the state comes from. */
interface States {
  /**
   * The state as JSON; waits for it, for a bounded time.
   *
   * @throws IOException saying why, if it is not known now
   */
  byte[] json() throws IOException, InterruptedException;
}

package dev.fareway.operator.dispatcher;

import io.grpc.Context;

/** Who a caller has proven to be: a node, by its name, or an activator, by its pod's name. */
final class CallerIdentity {
  /** Absent where nothing is to be proven: on a loopback port without authentication. */
  static final Context.Key<String> NAME = Context.key("fareway-caller");

  private CallerIdentity() {}
}

package dev.fareway.operator.dispatcher;

import io.grpc.Context;

/** Which node a session's caller has proven to be. */
final class NodeIdentity {
  /** Absent where nothing is to be proven: on a loopback port without authentication. */
  static final Context.Key<String> NODE = Context.key("fareway-node");

  private NodeIdentity() {}
}

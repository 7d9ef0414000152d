package dev.fareway.operator.dispatcher;

import io.grpc.ServerServiceDefinition;

/**
 * Port: something that the replicas of this operator ask each other, on the port of the node
 * daemons. Only replicas reach it.
 */
public interface ReplicaService {
  /** How it is called, and who answers. */
  ServerServiceDefinition definition();
}

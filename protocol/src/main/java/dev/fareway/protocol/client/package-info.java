/** How clients reach an operator's replicas. Who uses it brings {@code grpc-okhttp}. */
@NullMarked
package dev.fareway.protocol.client;

import org.jspecify.annotations.NullMarked;

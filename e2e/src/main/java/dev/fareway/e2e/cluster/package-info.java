/**
 * A cluster on this machine: an API server, the operator and the node daemon as processes of their
 * own.
 */
@NullMarked
package dev.fareway.e2e.cluster;

import org.jspecify.annotations.NullMarked;

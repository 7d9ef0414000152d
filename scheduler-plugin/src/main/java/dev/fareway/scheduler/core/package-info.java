/**
 * The global scheduler's decisions: which instance next, and on which node. Pure: no I/O, no clock,
 * no random source of its own, no Kubernetes types. Times are nanoseconds since the epoch, memory
 * is bytes.
 */
@NullMarked
package dev.fareway.scheduler.core;

import org.jspecify.annotations.NullMarked;

package dev.fareway.cli.command;

import dev.fareway.cli.cluster.ClusterReader;
import dev.fareway.cli.cluster.ConnectionOptions;
import java.time.Clock;
import java.util.function.Function;

/**
 * What a command finds outside.
 *
 * @param open opens a cluster
 * @param clock the time
 */
record Surroundings(Function<ConnectionOptions, ? extends ClusterReader> open, Clock clock) {}

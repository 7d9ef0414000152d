package dev.fareway.operator.console;

import dev.fareway.operator.shard.PlacementView;

/**
 * What a replica knows, as it tells it to another.
 *
 * @param replica its name
 * @param placement what it knows of the placing
 */
record ReplicaView(String replica, PlacementView placement) {}

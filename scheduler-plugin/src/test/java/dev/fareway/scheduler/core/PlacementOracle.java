package dev.fareway.scheduler.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What must hold whatever happens: no instance is placed while it is placed, none is lost, and a
 * node never holds more than it has. It keeps its own books from the decisions, as naively as can
 * be.
 */
final class PlacementOracle implements PlacementSink {
  final Map<String, Room> allocatable = new HashMap<>();
  final Map<String, Instance> waiting = new HashMap<>();
  final Map<String, String> placed = new HashMap<>();
  final Map<String, Instance> instances = new HashMap<>();
  final List<Long> openPolls = new ArrayList<>();
  final Map<Long, List<String>> polled = new HashMap<>();
  final List<String> refusals = new ArrayList<>();
  final List<String> decisions = new ArrayList<>();
  final Map<How, Integer> how = new HashMap<>();

  void offered(Instance instance) {
    waiting.put(instance.uid(), instance);
    instances.put(instance.uid(), instance);
  }

  void failed(String uid) {
    placed.remove(uid);
    Instance instance = instances.get(uid);
    assertNotNull(instance);
    waiting.put(uid, instance);
  }

  void ended(String uid) {
    placed.remove(uid);
    waiting.remove(uid);
    instances.remove(uid);
  }

  @Override
  public void bind(Instance instance, String node, How by) {
    assertNotNull(
        waiting.remove(instance.uid()), () -> instance.uid() + " is placed but does not wait");
    assertEquals(null, placed.put(instance.uid(), node), () -> instance.uid() + " is placed twice");
    Room room = allocatable.get(node);
    assertNotNull(room, () -> "placed on " + node + ", which is not there");
    long pods = placed.values().stream().filter(node::equals).count();
    assertTrue(
        pods <= room.pods(), () -> "%s has %d pods of %d".formatted(node, pods, room.pods()));
    how.merge(by, 1, Integer::sum);
    decisions.add(instance.uid() + ">" + node);
  }

  @Override
  public void poll(long pollId, Instance instance, List<String> nodes) {
    assertTrue(
        waiting.containsKey(instance.uid()),
        () -> instance.uid() + " is polled for but does not wait");
    assertEquals(nodes.size(), nodes.stream().distinct().count(), "candidates are distinct");
    openPolls.add(pollId);
    polled.put(pollId, nodes);
  }

  @Override
  public void refused(Instance instance, String reason) {
    refusals.add(reason);
  }
}

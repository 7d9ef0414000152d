package dev.fareway.scheduler.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A host that does nothing but remember what it was told. */
final class Host implements PlacementSink {
  final List<Long> openPolls = new ArrayList<>();
  final Map<Long, List<String>> polled = new HashMap<>();
  final List<Refusal> refusals = new ArrayList<>();
  final List<String> decisions = new ArrayList<>();
  final Map<How, Integer> how = new HashMap<>();
  final Map<String, List<Victim>> victims = new HashMap<>();
  final List<String> endedPromises = new ArrayList<>();

  @Override
  public void bind(Instance instance, String node, How by) {
    how.merge(by, 1, Integer::sum);
    decisions.add(instance.uid() + ">" + node);
  }

  @Override
  public void poll(long pollId, Instance instance, List<String> nodes) {
    openPolls.add(pollId);
    polled.put(pollId, List.copyOf(nodes));
  }

  @Override
  public void preempt(Instance instance, String node, List<Victim> leaving) {
    victims.put(instance.uid(), List.copyOf(leaving));
  }

  @Override
  public void promiseEnded(Instance instance, String node) {
    endedPromises.add(instance.uid() + ">" + node);
  }

  @Override
  public void refused(Instance instance, Refusal refusal) {
    refusals.add(refusal);
  }
}

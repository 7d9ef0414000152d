package dev.fareway.operator.shard;

import dev.fareway.scheduler.core.Instance;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A pod of ours, by what placement needs of it: nothing more is kept of a pod. */
final class KnownPod {
  final PodRef ref;
  final String function;
  int shard;

  /** Empty as long as it has none. */
  String priceClass = "";

  boolean bound;

  /** While it waits: what is to be placed, and how it names its class. */
  @Nullable Instance instance;

  @Nullable ObjectMeta naming;

  /** While it waits: by these budgets select it. */
  Map<String, String> labels = Map.of();

  /** What it demands that is not judged here; empty if nothing. */
  String beyond = "";

  /** While it waits: the volume claims that it uses; mostly none. */
  List<String> claims = List.of();

  /** The class it is counted in; empty if it is not counted. */
  String countedIn = "";

  boolean countedBound;

  /** A binding is under way: its end says what comes next. */
  boolean binding;

  /** A node was sought for it before; so it may stand behind younger ones of its class. */
  boolean tried;

  /** Waits in no queue because that was full, or its class is not there. */
  boolean shelved;

  /** What its owner was told last. */
  String said = "";

  KnownPod(PodRef ref, String function) {
    this.ref = ref;
    this.function = function;
  }
}

package dev.fareway.operator.shard;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * Holds this replica's Leases: reads, asks {@link LeasePolicy}, writes, and says what is held.
 *
 * <p>Each {@link #tick} is one round. A shard's fence ({@link #mayPlace}) is open only as long as
 * its Lease was renewed lately, however long a round takes and whether rounds take place at all.
 */
final class LeaseKeeper implements Fence {
  private static final Logger LOG = Logger.getLogger(LeaseKeeper.class);

  /** Who is told of changes; on the keeper's thread. */
  interface Holder {
    /** There are so many shards now. */
    void resize(int shards);

    /** Nothing is to be placed for now; or it is again. */
    void pause(boolean paused);

    /** From now on this replica places for a shard. */
    void hold(int shard);

    /** It places for the shard no more. */
    void release(int shard);

    /** Whether nothing that was begun for a released shard is under way. */
    boolean isDrained(int shard);

    /** Whether this replica knows the cluster: before, it takes no shard. */
    boolean isReady();
  }

  private final LeasePolicy policy;
  private final LeaseStore store;
  private final LongSupplier nanos;
  private final Holder holder;
  private final Set<Integer> told = new HashSet<>();
  private final Map<Integer, Long> openUntil = new ConcurrentHashMap<>();
  private int shards = -1;
  private boolean paused;
  private boolean failing;

  /**
   * A keeper that holds nothing yet.
   *
   * @param nanos a clock that never jumps
   */
  LeaseKeeper(LeasePolicy policy, LeaseStore store, LongSupplier nanos, Holder holder) {
    this.policy = policy;
    this.store = store;
    this.nanos = nanos;
    this.holder = holder;
  }

  @Override
  public boolean mayPlace(int shard) {
    Long until = openUntil.get(shard);
    return until != null && nanos.getAsLong() - until < 0;
  }

  /**
   * One round. What fails is tried again in the next.
   *
   * @return whether the Leases could be read and written
   */
  boolean tick() {
    dropOverdue();
    if (!holder.isReady()) {
      return false;
    }
    try {
      LeaseStore.Settings settings = store.settings();
      if (settings.shards() != shards) {
        shards = settings.shards();
        holder.resize(shards);
      }
      if (settings.paused() != paused) {
        paused = settings.paused();
        holder.pause(paused);
      }
      List<LeasePolicy.Seen> leases = store.list();
      keepMember(leases);
      var drained = new HashSet<Integer>();
      for (int shard : policy.givingUp()) {
        if (holder.isDrained(shard)) {
          drained.add(shard);
        }
      }
      for (LeasePolicy.Step step : policy.steps(leases, shards, drained, nanos.getAsLong())) {
        carryOut(step);
      }
      if (failing) {
        failing = false;
        LOG.info("The Leases can be read and written again");
      }
    } catch (IOException e) {
      if (!failing) {
        failing = true;
        LOG.warnf(
            "The Leases can't be read or written, trying again; shards whose Lease runs out are not placed for: %s",
            e.getMessage());
      }
    }
    dropOverdue();
    tell();
    return !failing;
  }

  /** Gives up all, for others to take at once; what fails runs out by itself. */
  void close() {
    try {
      List<LeasePolicy.Seen> leases = store.list();
      for (LeasePolicy.Seen lease : leases) {
        if (policy.heldUntilNanos(lease.shard()) != Long.MIN_VALUE) {
          if (holder.isDrained(lease.shard())) {
            var _ = store.giveUp(lease);
          }
          forget(lease.shard());
        }
      }
      for (LeasePolicy.Seen lease : leases) {
        if (lease.shard() == LeasePolicy.MEMBER && isOwn(lease)) {
          var _ = store.delete(lease);
        }
      }
    } catch (IOException e) {
      LOG.infof("Leases are left to run out: %s", e.getMessage());
    }
    tell();
  }

  /** Stops placing for all shards: before {@link #close}. */
  void fenceAll() {
    openUntil.clear();
    for (int shard : List.copyOf(told)) {
      holder.release(shard);
    }
    told.clear();
  }

  private void keepMember(List<LeasePolicy.Seen> leases) throws IOException {
    for (LeasePolicy.Seen lease : leases) {
      if (lease.shard() == LeasePolicy.MEMBER && isOwn(lease)) {
        var _ = store.hold(lease);
        return;
      }
    }
    var _ = store.create(LeasePolicy.MEMBER);
  }

  private boolean isOwn(LeasePolicy.Seen lease) {
    return policy.isThisReplica(lease.holder());
  }

  private void carryOut(LeasePolicy.Step step) throws IOException {
    long asked = nanos.getAsLong();
    switch (step) {
      case LeasePolicy.Step.Create(int shard) -> {
        if (store.create(shard)) {
          held(shard, asked);
        }
      }
      case LeasePolicy.Step.Hold(LeasePolicy.Seen lease) -> {
        if (store.hold(lease)) {
          held(lease.shard(), asked);
        }
      }
      case LeasePolicy.Step.GiveUp(LeasePolicy.Seen lease) -> {
        if (store.giveUp(lease)) {
          forget(lease.shard());
        }
      }
      case LeasePolicy.Step.Delete(LeasePolicy.Seen lease) -> {
        if (store.delete(lease)) {
          forget(lease.shard());
        }
      }
    }
    tell();
  }

  private void held(int shard, long asked) {
    policy.wrote(shard, asked);
    openUntil.put(shard, policy.heldUntilNanos(shard));
  }

  private void forget(int shard) {
    openUntil.remove(shard);
    policy.lost(shard);
  }

  private void dropOverdue() {
    for (int shard : policy.overdue(nanos.getAsLong())) {
      LOG.warnf("The Lease of shard %d was not renewed in time: it is not placed for", shard);
      forget(shard);
    }
    tell();
  }

  /** Says what has changed since it was last said. */
  private void tell() {
    Set<Integer> held = policy.held();
    for (int shard : new ArrayList<>(told)) {
      if (!held.contains(shard)) {
        told.remove(shard);
        openUntil.remove(shard);
        holder.release(shard);
      }
    }
    for (int shard : held) {
      if (told.add(shard)) {
        holder.hold(shard);
      }
    }
  }
}

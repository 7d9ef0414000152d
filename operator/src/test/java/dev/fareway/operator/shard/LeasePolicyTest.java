package dev.fareway.operator.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fareway.operator.shard.LeasePolicy.Seen;
import dev.fareway.operator.shard.LeasePolicy.Step;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LeasePolicyTest {
  private static final long SECOND = 1_000_000_000L;
  private final LeasePolicy policy = new LeasePolicy("a", Duration.ofSeconds(15));

  @Test
  void aloneReplica_takesAll() {
    assertEquals(
        List.of(new Step.Create(0), new Step.Create(1)), policy.steps(List.of(), 2, Set.of(), 0));
  }

  @Test
  void replica_takesItsShare_beginningElsewhereThanOthers() {
    List<Seen> members = List.of(member("a", "1"), member("b", "1"));

    assertEquals(
        List.of(new Step.Create(0), new Step.Create(1)), policy.steps(members, 4, Set.of(), 0));
    assertEquals(
        List.of(new Step.Create(2), new Step.Create(3)),
        new LeasePolicy("b", Duration.ofSeconds(15)).steps(members, 4, Set.of(), 0));
  }

  @Test
  void leaseOfAnother_isTaken_onlyWhenItHasNotChangedForItsDuration() {
    List<Seen> leases = List.of(shard(0, "b", "7"));
    assertEquals(List.of(), policy.steps(leases, 1, Set.of(), 0));
    assertEquals(List.of(), policy.steps(leases, 1, Set.of(), 14 * SECOND));
    List<Seen> renewed = List.of(shard(0, "b", "8"));
    assertEquals(List.of(), policy.steps(renewed, 1, Set.of(), 15 * SECOND));

    assertEquals(
        List.of(new Step.Hold(renewed.getFirst())),
        policy.steps(renewed, 1, Set.of(), 30 * SECOND));
  }

  @Test
  void heldShard_isPlacedFor_noLongerThanTwoThirdsOfTheDuration() {
    policy.wrote(0, SECOND);

    assertEquals(11 * SECOND, policy.heldUntilNanos(0));
    assertEquals(List.of(0), policy.overdue(11 * SECOND));
    assertEquals(List.of(), policy.overdue(11 * SECOND - 1));
  }

  @Test
  void newReplica_getsItsShare_whenTheOtherHasFinishedWhatItBegan() {
    for (int shard = 0; shard < 4; shard++) {
      policy.wrote(shard, 0);
    }
    List<Seen> leases =
        List.of(
            shard(0, "a", "1"),
            shard(1, "a", "1"),
            shard(2, "a", "1"),
            shard(3, "a", "1"),
            member("a", "1"),
            member("b", "1"));

    List<Step> first = policy.steps(leases, 4, Set.of(), SECOND);
    assertEquals(Set.of(0, 1), policy.held());
    assertEquals(4, first.stream().filter(Step.Hold.class::isInstance).count());

    List<Step> second = policy.steps(leases, 4, Set.of(3), SECOND);
    assertEquals(
        List.of(new Step.GiveUp(leases.get(3))),
        second.stream().filter(Step.GiveUp.class::isInstance).toList());
  }

  @Test
  void ownLeaseOfAnEarlierLife_isTakenAtOnce() {
    List<Seen> leases = List.of(shard(0, "a", "1"));

    assertEquals(List.of(new Step.Hold(leases.getFirst())), policy.steps(leases, 1, Set.of(), 0));
  }

  @Test
  void shardTakenByAnother_isLost() {
    policy.wrote(0, 0);

    policy.steps(List.of(shard(0, "b", "2")), 1, Set.of(), SECOND);

    assertEquals(Set.of(), policy.held());
  }

  @Test
  void shardThatIsNoMore_isDeleted_whenNothingIsUnderWay() {
    policy.wrote(1, 0);
    List<Seen> leases = List.of(shard(0, "b", "1"), shard(1, "a", "1"));

    assertEquals(List.of(), policy.steps(leases, 1, Set.of(), 0));
    assertEquals(Set.of(1), policy.givingUp());
    assertEquals(
        List.of(new Step.Delete(leases.get(1))), policy.steps(leases, 1, Set.of(1), SECOND));
  }

  @Test
  void shardThatNobodyTakes_isTakenBeyondTheShare() {
    policy.wrote(0, 0);
    List<Seen> leases =
        List.of(shard(0, "a", "1"), shard(1, "", "1"), member("a", "1"), member("b", "1"));
    assertEquals(1, policy.steps(leases, 2, Set.of(), 0).size());

    List<Seen> later =
        List.of(shard(0, "a", "5"), shard(1, "", "1"), member("a", "5"), member("b", "5"));
    assertEquals(2, policy.steps(later, 2, Set.of(), 15 * SECOND).size());
  }

  private static Seen shard(int shard, String holder, String version) {
    return new Seen("fareway-shard-" + shard, shard, holder, version);
  }

  private static Seen member(String replica, String version) {
    return new Seen("fareway-replica-" + replica, LeasePolicy.MEMBER, replica, version);
  }
}

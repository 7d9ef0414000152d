package dev.fareway.scheduler.core;

/**
 * Which shard an instance belongs to: rendezvous hashing of its UID, so that a change of the number
 * of shards from n to n + 1 moves one instance in n + 1 and no other.
 */
public final class ShardAssignment {
  private ShardAssignment() {}

  /**
   * The shard of an instance.
   *
   * @param shards how many there are, 1 or more
   * @return 0 to {@code shards} - 1
   */
  public static int shardOf(String uid, int shards) {
    if (shards < 1) {
      throw new IllegalArgumentException("%d shards: there must be 1 or more".formatted(shards));
    }
    long key = 0xcbf29ce484222325L;
    for (int i = 0; i < uid.length(); i++) {
      key = (key ^ uid.charAt(i)) * 0x100000001b3L;
    }
    int best = 0;
    long bestScore = Long.MIN_VALUE;
    for (int shard = 0; shard < shards; shard++) {
      long score = mix(key ^ mix(shard + 0x9e3779b97f4a7c15L));
      if (score > bestScore) {
        bestScore = score;
        best = shard;
      }
    }
    return best;
  }

  /**
   * A 64-bit finaliser: every bit of the result depends on every bit of the input (Stafford's
   * thirteenth variant).
   */
  private static long mix(long bits) {
    long z = (bits ^ (bits >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}

package dev.fareway.scheduler.core;

/**
 * A set of small numbers whose next member is found in a few instructions, however many numbers
 * there may be: above the words of the set stand words that say which of these are not empty. Not
 * thread-safe.
 */
final class BitTree {
  private final long[] words;
  private final long[] summary;

  /**
   * An empty set.
   *
   * @param numbers the members are less than that, at most 64³
   */
  BitTree(int numbers) {
    words = new long[(numbers + 63) >>> 6];
    summary = new long[(words.length + 63) >>> 6];
  }

  void set(int number) {
    int word = number >>> 6;
    words[word] |= 1L << number;
    summary[word >>> 6] |= 1L << word;
  }

  void clear(int number) {
    int word = number >>> 6;
    words[word] &= ~(1L << number);
    if (words[word] == 0) {
      summary[word >>> 6] &= ~(1L << word);
    }
  }

  /** The least member that is not less than this; -1 if there is none. */
  int next(int from) {
    int word = from >>> 6;
    if (word >= words.length) {
      return -1;
    }
    long rest = words[word] & -1L << from;
    if (rest != 0) {
      return word << 6 | Long.numberOfTrailingZeros(rest);
    }
    word++;
    long mask = -1L << word;
    for (int top = word >>> 6; top < summary.length; top++) {
      long some = summary[top] & mask;
      if (some != 0) {
        int found = top << 6 | Long.numberOfTrailingZeros(some);
        return found << 6 | Long.numberOfTrailingZeros(words[found]);
      }
      mask = -1L;
    }
    return -1;
  }
}

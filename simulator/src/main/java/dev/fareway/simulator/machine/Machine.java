package dev.fareway.simulator.machine;

/**
 * A machine with cores and a scheduler of its own. Functions are compute bound (the paper, section
 * 4.1): one takes a core whenever it may. Time only goes forward from call to call.
 */
public interface Machine {
  /**
   * A function has come. What was due before must have been taken with {@link #takeEnded}.
   *
   * @param function its row in {@link Functions}
   */
  void add(int function, long nowNanos);

  /**
   * Takes a function that has ended by now, finished or killed.
   *
   * @return its row; -1 if there is none
   */
  int takeEnded(long nowNanos);

  /** When something happens next if nothing comes; {@link Long#MAX_VALUE} if nothing does. */
  long nextNanos();

  /** How many functions are here, running or not. */
  int functions();

  /** How many cores are busy. */
  int busyCores();

  /** How many functions of this rank or a higher one are here; looks at all of them. */
  int functionsFrom(int rank);

  /** Memory in use, in bytes; 0 where memory is not simulated. */
  default long residentBytes(long nowNanos) {
    return 0;
  }

  /** Swap in use, in bytes. */
  default long swappedBytes() {
    return 0;
  }
}

package dev.fareway.e2e.machine;

import java.util.ArrayList;
import java.util.List;

/**
 * What functions had at one moment.
 *
 * @param resident anonymous memory of each, in bytes
 * @param swapped what of each was in swap alone
 */
public record Moment(List<Long> resident, List<Long> swapped) {
  public Moment {
    resident = List.copyOf(resident);
    swapped = List.copyOf(swapped);
  }

  /**
   * Reads a line of a watch: of each function the words {@code swapcached N inactive_anon N
   * active_anon N} in any order, and then a number alone, its swap.
   */
  public static Moment parse(String line, int functions) {
    var resident = new ArrayList<Long>();
    var swapped = new ArrayList<Long>();
    long anonymous = 0;
    long cached = 0;
    String[] words = line.strip().split(" ", -1);
    for (int i = 0; i < words.length; i++) {
      switch (words[i]) {
        case "inactive_anon", "active_anon" -> anonymous += Long.parseLong(words[++i]);
        case "swapcached" -> cached += Long.parseLong(words[++i]);
        default -> {
          resident.add(anonymous);
          swapped.add(Math.max(0, Long.parseLong(words[i]) - cached));
          anonymous = 0;
          cached = 0;
        }
      }
    }
    if (swapped.size() != functions) {
      throw new IllegalArgumentException(
          "%d functions, but %d in '%s'".formatted(functions, swapped.size(), line));
    }
    return new Moment(resident, swapped);
  }
}

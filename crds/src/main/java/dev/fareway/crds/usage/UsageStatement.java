package dev.fareway.crds.usage;

import dev.fareway.crds.Money;
import dev.fareway.crds.UsageReportStatus.Spending;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.function.ToLongFunction;

/**
 * What the functions of one namespace used, told in whole nano-units and whole seconds that add up.
 *
 * <p>Each exact amount has a part below a nano-unit. Were each rounded down on its own, a bill's
 * lines would come to less than its total. So the total alone is rounded down, and what the lines
 * lack then goes, one nano-unit each, to those of the largest parts. Example: lines of 1.4, 1.3 and
 * 1.3 come to 4; they are told as 2, 1 and 1.
 */
public final class UsageStatement {
  private static final Comparator<Entry<FunctionClass, UsageSum>> BY_NAME =
      Comparator.comparing((Entry<FunctionClass, UsageSum> of) -> of.getKey().function())
          .thenComparing(of -> of.getKey().priceClass());

  private UsageStatement() {}

  /**
   * One line for each function and class, by name; every column adds up to that of the sum of all.
   *
   * @throws ArithmeticException if an amount of money does not fit
   */
  public static List<Spending> of(Map<FunctionClass, UsageSum> namespace) {
    List<Entry<FunctionClass, UsageSum>> lines =
        namespace.entrySet().stream().sorted(BY_NAME).toList();
    List<UsageSum> sums = lines.stream().map(Entry::getValue).toList();
    var all = new UsageSum();
    sums.forEach(all::add);

    long[] cpuSeconds =
        shares(sums, all.cpuSeconds(), UsageSum::cpuSeconds, UsageSum::cpuSecondsRest);
    long[] memory =
        shares(
            sums,
            all.memoryGibSeconds(),
            UsageSum::memoryGibSeconds,
            UsageSum::memoryGibSecondsRest);
    long[] cpuCost =
        shares(sums, all.cpuNanoUnits(), UsageSum::cpuNanoUnits, UsageSum::cpuNanoUnitsRest);
    long[] memoryCost =
        shares(
            sums, all.memoryNanoUnits(), UsageSum::memoryNanoUnits, UsageSum::memoryNanoUnitsRest);

    var statement = new ArrayList<Spending>(lines.size());
    for (int i = 0; i < lines.size(); i++) {
      FunctionClass key = lines.get(i).getKey();
      statement.add(
          new Spending(
              key.function(),
              key.priceClass(),
              cpuSeconds[i],
              memory[i],
              new Money(Math.addExact(cpuCost[i], memoryCost[i])).toQuantity(),
              new Money(memoryCost[i]).toQuantity()));
    }
    return List.copyOf(statement);
  }

  /** The lines' whole parts, and one more for those with the largest rests until they add up. */
  private static long[] shares(
      List<UsageSum> sums,
      long total,
      ToLongFunction<UsageSum> whole,
      ToLongFunction<UsageSum> rest) {
    long[] shares = sums.stream().mapToLong(whole).toArray();
    long lacking = total;
    for (long share : shares) {
      lacking = Math.subtractExact(lacking, share);
    }
    if (lacking > 0) {
      long[] rests = sums.stream().mapToLong(rest).toArray();
      var byRest = new ArrayList<Integer>(shares.length);
      for (int i = 0; i < shares.length; i++) {
        byRest.add(i);
      }
      // A stable sort: of equal rests the first by name.
      byRest.sort(Comparator.comparingLong((Integer i) -> rests[i]).reversed());
      for (int i = 0; i < lacking; i++) {
        shares[byRest.get(i)]++;
      }
    }
    return shares;
  }
}

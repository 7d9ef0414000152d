package dev.fareway.node.core.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class AmountsTest {
  @Test
  void plus_losesNothingToRounding() {
    // given
    Amounts charge = Amounts.ofCpu(1_500_000_000L, 2001);

    // then
    assertEquals(new Amounts(1_500_000_000L, 0, 3001, 500_000_000, 0, 0), charge);
    assertEquals(new Amounts(3_000_000_000L, 0, 6003, 0, 0, 0), charge.plus(charge));
  }

  @Test
  void plus_isTheSameInAnyPieces() {
    // given
    Amounts whole = Amounts.ofCpu(10_000, 777).plus(Amounts.ofMemory(10_000, 333_333));

    // when
    Amounts pieces = Amounts.ZERO;
    for (int i = 0; i < 10_000; i++) {
      pieces = pieces.plus(Amounts.ofCpu(1, 777)).plus(Amounts.ofMemory(1, 333_333));
    }

    // then
    assertEquals(whole, pieces);
  }

  @Test
  void memory_isPricedByTheGib() {
    assertEquals(300, Amounts.ofMemory(3L << 30, 100).memoryCost());
    assertEquals(300, Amounts.ofMemory(3L << 30, 100).cost());
  }

  @Test
  void sums_thatDoNotFit_areErrors() {
    Amounts nearTheLimit = new Amounts(Long.MAX_VALUE - 1, 0, 1, 0, 0, 0);
    assertThrows(ArithmeticException.class, () -> nearTheLimit.plus(Amounts.ofCpu(2, 0)));

    Amounts dear = new Amounts(0, 0, Long.MAX_VALUE - 1, Amounts.CPU_UNIT - 1, 0, 0);
    assertEquals(Long.MAX_VALUE, dear.plus(Amounts.ofCpu(1, 1)).cost());
    assertThrows(ArithmeticException.class, () -> dear.plus(Amounts.ofCpu(2, Amounts.CPU_UNIT)));
    assertThrows(ArithmeticException.class, () -> dear.plus(Amounts.ofMemory(1L << 30, 2)));
    assertThrows(ArithmeticException.class, () -> Amounts.ofCpu(Long.MAX_VALUE, Long.MAX_VALUE));
  }
}

package dev.fareway.cli.output;

import dev.fareway.crds.Money;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Optional;

/** Amounts as people read them. */
public final class Amounts {
  private static final long NANO = 1_000_000_000;
  private static final long MEBI = 1 << 20;

  private Amounts() {}

  /** CPU time a second, as {@code kubectl top} has it: thousandths of a CPU. */
  public static String cpu(long nanoCores) {
    return Math.ceilDiv(nanoCores, 1_000_000) + "m";
  }

  /** Memory in whole MiB, rounded up. */
  public static String memory(long bytes) {
    return Math.ceilDiv(bytes, MEBI) + "Mi";
  }

  /** Money with all its nine digits, so that points stand below one another. */
  public static String money(Money money) {
    return BigDecimal.valueOf(money.nanoUnits(), 9).toPlainString();
  }

  /** The part of a whole as a percentage, rounded half up; a dash where there is no whole. */
  public static String share(Money part, Money whole) {
    if (whole.equals(Money.ZERO)) {
      return "-";
    }
    BigInteger twice =
        BigInteger.valueOf(part.nanoUnits())
            .multiply(BigInteger.valueOf(200))
            .add(BigInteger.valueOf(whole.nanoUnits()));
    return twice.divide(BigInteger.valueOf(whole.nanoUnits()).shiftLeft(1)) + "%";
  }

  /** A time ago in its two largest units, as kubectl writes ages: {@code 4m12s}, {@code 3d2h}. */
  public static String age(Duration age) {
    long seconds = Math.max(0, age.toSeconds());
    if (seconds < 120) {
      return seconds + "s";
    }
    long minutes = seconds / 60;
    if (minutes < 60) {
      return minutes + "m" + (seconds % 60 == 0 ? "" : seconds % 60 + "s");
    }
    long hours = minutes / 60;
    if (hours < 48) {
      return hours + "h" + (minutes % 60 == 0 ? "" : minutes % 60 + "m");
    }
    return hours / 24 + "d" + (hours % 24 == 0 ? "" : hours % 24 + "h");
  }

  /** What runs at a price for an hour costs, in nano-units, rounded down. */
  public static Money anHour(
      long nanoCores, long pricePerCpuSecond, long bytes, Optional<Long> pricePerGibSecond) {
    BigInteger hour = BigInteger.valueOf(3600);
    BigInteger cpu =
        BigInteger.valueOf(nanoCores)
            .multiply(BigInteger.valueOf(pricePerCpuSecond))
            .multiply(hour)
            .divide(BigInteger.valueOf(NANO));
    BigInteger memory =
        BigInteger.valueOf(bytes)
            .multiply(BigInteger.valueOf(pricePerGibSecond.orElse(0L)))
            .multiply(hour)
            .shiftRight(30);
    return new Money(cpu.add(memory).longValueExact());
  }
}

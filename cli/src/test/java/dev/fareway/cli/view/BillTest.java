package dev.fareway.cli.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fareway.cli.view.Bill.Line;
import dev.fareway.crds.Money;
import dev.fareway.crds.UsageReportStatus.Spending;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigInteger;
import java.time.YearMonth;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BillTest {
  private static final YearMonth MONTH = YearMonth.of(2026, 11);
  private static final BigInteger NANO = BigInteger.valueOf(1_000_000_000);

  private static Spending spending(String function, String spent) {
    return new Spending(function, "dear", 1, 1, new Quantity(spent), new Quantity("0"));
  }

  private static Money total(Bill bill) {
    return bill.lines().stream().map(Line::cost).reduce(Money.ZERO, Money::plus);
  }

  @Test
  void archive_isRightWhenNodesAreAlreadyBeingDeleted() {
    Bill bill =
        Bill.of(
            MONTH,
            Map.of("shop", List.of(spending("f", "1"))),
            Map.of("shop", List.of(spending("f", "3"))));

    assertEquals(new Money(3_000_000_000L), total(bill));
  }

  @Test
  void nodes_areRightWhileTheArchiveIsBeingWritten() {
    Bill bill =
        Bill.of(
            MONTH,
            Map.of("shop", List.of(spending("f", "1"), spending("g", "2"))),
            Map.of("shop", List.of(spending("f", "1"))));

    assertEquals(new Money(3_000_000_000L), total(bill));
  }

  @Test
  void namespaces_areOfOneSourceEach() {
    Bill bill =
        Bill.of(
            MONTH,
            Map.of("a", List.of(spending("f", "1"))),
            Map.of("b", List.of(spending("f", "2"))));

    assertEquals(List.of("a", "b"), bill.lines().stream().map(Line::namespace).toList());
  }

  @Test
  void sumOfAllLines_isWhatNodesCharged_toTheNanoUnit() throws Exception {
    long seed = Long.getLong("fareway.seed", System.nanoTime());
    System.out.println("fareway.seed=" + seed);
    var random = new Random(seed);
    var mapper = new ObjectMapper();
    for (int round = 0; round < 20; round++) {
      var metering = new Metering(MONTH, Optional.of("shop"));
      BigInteger exact = BigInteger.ZERO;
      for (int node = 0; node < 30; node++) {
        ObjectNode object = mapper.createObjectNode();
        String month = random.nextInt(4) == 0 ? "2026-10" : "2026-11";
        object.putObject("spec").put("month", month);
        ArrayNode usage = object.putObject("status").putArray("usage");
        for (int i = 0; i < 20; i++) {
          String namespace = random.nextBoolean() ? "shop" : "lab";
          long cost = random.nextLong(1L << 44);
          int rest = random.nextInt(1_000_000_000);
          usage
              .addObject()
              .put("namespace", namespace)
              .put("function", "f" + random.nextInt(7))
              .put("priceClass", "c" + random.nextInt(3))
              .put("cpuNanos", random.nextLong(1L << 50))
              .put("costNanoUnits", cost)
              .put("cpuCostRemainder", rest);
          if (namespace.equals("shop") && month.equals("2026-11")) {
            exact =
                exact.add(BigInteger.valueOf(cost).multiply(NANO)).add(BigInteger.valueOf(rest));
          }
        }
        metering.nodeUsage(object);
      }

      assertEquals(
          exact.divide(NANO).longValueExact(), total(metering.bill()).nanoUnits(), "seed " + seed);
    }
  }

  @Test
  void money_thatDoesNotFit_isAnErrorNotAWrap() {
    Bill bill =
        Bill.of(
            MONTH,
            Map.of("a", List.of(spending("f", "9G")), "b", List.of(spending("f", "9G"))),
            Map.of());

    assertThrows(ArithmeticException.class, bill::table);
  }

  @Test
  void namespaceWhoseMoneyDoesNotFit_isNamed() {
    var metering = new Metering(MONTH, Optional.empty());
    for (int node = 0; node < 2; node++) {
      ObjectNode object = new ObjectMapper().createObjectNode();
      object.putObject("spec").put("month", "2026-11");
      object
          .putObject("status")
          .putArray("usage")
          .addObject()
          .put("namespace", "huge")
          .put("function", "f")
          .put("priceClass", "dear")
          .put("costNanoUnits", Long.MAX_VALUE);
      metering.nodeUsage(object);
    }

    var thrown = assertThrows(ArithmeticException.class, metering::bill);
    assertEquals(
        "of namespace huge in 2026-11. Bill the others with --namespace", thrown.getMessage());
  }
}

package dev.fareway.activator.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BaggageTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "fareway.price-class=dear | dear",
        "a=b,fareway.price-class=dear,c=d | dear",
        "a=b , fareway.price-class = dear ;meta=1 , c=d | dear",
        "fareway.price-class=d%65ar | dear",
        "fareway.price-class=dear,fareway.price-class=cheap | dear",
        ",,=x,;,fareway.price-class=dear | dear",
      })
  void read_findsTheClass(String line, String expected) {
    assertEquals(expected, Baggage.read(List.of(line)).priceClass());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",",
        "fareway.price-class",
        "fareway.price-class=",
        "fareway.price-class=%4",
        "fareway.price-class=%zz",
        "fareway.price-class=de ar",
        "fareway.price-class=\"dear\"",
        "fareway.price-class=d\u00e4r",
        "fareway.price-classes=dear",
        "Fareway.Price-Class=dear",
        "fareway price-class=dear",
      })
  void read_findsNone_whenTheMemberIsMalformedOrMissing(String line) {
    assertSame(Baggage.NONE, Baggage.read(List.of(line)));
  }

  @Test
  void read_mergesLines_andFindsTheToken() {
    Baggage read = Baggage.read(List.of("a=b", "fareway.token=1.x.y,fareway.price-class=dear"));

    assertEquals(new Baggage("dear", "1.x.y"), read);
  }

  @Test
  void read_looksAt64MembersAnd8192Bytes_notMore() {
    String sixtyThree = "a=b,".repeat(63);
    assertEquals(
        "dear", Baggage.read(List.of(sixtyThree + "fareway.price-class=dear")).priceClass());
    assertSame(Baggage.NONE, Baggage.read(List.of(sixtyThree + "x=y,fareway.price-class=dear")));

    String member = "fareway.price-class=dear";
    String filler = "a=" + "b".repeat(8192 - 3 - member.length());
    assertEquals("dear", Baggage.read(List.of(filler + "," + member)).priceClass());
    assertSame(Baggage.NONE, Baggage.read(List.of(filler + "b," + member)));
  }

  @Test
  void sendOn_putsTheClassFirst_andKeepsTheCallersOwn() {
    assertEquals(
        "fareway.price-class=dear,fareway.token=1.a.b,a=b;p=1,c=d",
        Baggage.sendOn(
            List.of("a=b;p=1,fareway.price-class=cheap", "bad member, fareway.token=x,c=d"),
            "dear",
            "1.a.b"));
    assertEquals("fareway.price-class=dear", Baggage.sendOn(List.of(), "dear", null));
  }

  @Test
  void sendOn_staysWithinTheLimits_whateverCameIn() {
    long seed = Seeds.next();
    var random = new SplittableRandom(seed);
    for (int run = 0; run < 2000; run++) {
      List<String> lines = new ArrayList<>();
      for (int i = random.nextInt(4); i > 0; i--) {
        var line = new StringBuilder();
        for (int j = random.nextInt(300); j > 0; j--) {
          line.append((char) (random.nextInt(10) == 0 ? ',' : 0x20 + random.nextInt(0x60)));
          if (random.nextInt(20) == 0) {
            line.append(",k").append(j).append("=v");
          }
        }
        lines.add(line.toString());
      }
      String sent = Baggage.sendOn(lines, "dear", "1.x.y");
      assertTrue(sent.length() <= Baggage.MAX_BYTES, "seed " + seed);
      assertTrue(sent.split(",", -1).length <= Baggage.MAX_MEMBERS, "seed " + seed);
      assertEquals(new Baggage("dear", "1.x.y"), Baggage.read(List.of(sent)), "seed " + seed);
    }
  }
}

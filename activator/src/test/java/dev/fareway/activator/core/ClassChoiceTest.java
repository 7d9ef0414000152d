package dev.fareway.activator.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.scheduler.core.PricedClass;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ClassChoiceTest {
  private static final byte[] KEY = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] OTHER_KEY = "fedcba9876543210".getBytes(StandardCharsets.US_ASCII);
  private static final long NOW = 1_800_000_000L;

  private final ClassChoice choice =
      new ClassChoice(
          List.of(
              new PricedClass("cheap", 1), new PricedClass("mid", 5), new PricedClass("dear", 50)),
          "mid");
  private final CallerTokens tokens = new CallerTokens(List.of(KEY));

  @Test
  void functionsClass_isNamed_orTheDefault_orTheCheapest() {
    assertEquals("dear", choice.ofFunction("dear"));
    assertEquals("mid", choice.ofFunction(null));
    assertEquals("mid", choice.ofFunction("gold"), "a class that isn't there");
    assertEquals(
        "cheap", new ClassChoice(List.of(new PricedClass("cheap", 1)), null).ofFunction(""));
  }

  @Test
  void outsider_getsNoClassByHeader_unlessTheFunctionTakesAnyones() {
    assertEquals("cheap", choose("cheap", AcceptClass.TRUSTED, new Baggage("dear", null)));
    assertEquals("dear", choose("cheap", AcceptClass.ANY, new Baggage("dear", null)));
    assertEquals("cheap", choose("cheap", AcceptClass.ANY, new Baggage("gold", null)));
  }

  @Test
  void functionPod_passesItsClassOn_withItsProof() {
    String proof = tokens.sign("dear", NOW + 60);

    assertEquals("dear", choose("cheap", AcceptClass.TRUSTED, new Baggage("dear", proof)));
    assertEquals("cheap", choose("cheap", AcceptClass.NONE, new Baggage("dear", proof)));
    assertEquals(
        "cheap",
        choice.ofInvocation(
            "cheap", AcceptClass.TRUSTED, new Baggage("dear", proof), tokens, NOW + 61),
        "it has expired");
  }

  @Test
  void invocation_isNeverCheaperThanItsFunction() {
    assertEquals("dear", choose("dear", AcceptClass.ANY, new Baggage("cheap", null)));
  }

  @Test
  void proof_ofACheapClass_provesNoDearOne() {
    String proof = tokens.sign("mid", NOW + 60);

    assertTrue(tokens.proves(proof, "mid", NOW));
    assertFalse(tokens.proves(proof, "dear", NOW));
  }

  @Test
  void proof_ofTheOldKey_holdsWhileKeysAreRotated() {
    String old = tokens.sign("dear", NOW + 60);

    assertTrue(new CallerTokens(List.of(OTHER_KEY, KEY)).proves(old, "dear", NOW));
    assertFalse(new CallerTokens(List.of(OTHER_KEY)).proves(old, "dear", NOW));
  }

  @Test
  void proof_thatIsMalformed_provesNothing() {
    String proof = tokens.sign("dear", NOW + 60);
    for (String bad :
        List.of(
            "",
            "1.",
            "1..",
            "2" + proof.substring(1),
            proof.substring(0, proof.length() - 1),
            proof + "A",
            proof.replace('.', ' '),
            "1.zzzzzzzzzzzzzzzzzzzz.AAAA",
            "1.-1.AAAA",
            "1.zz.%%%",
            "1." + "a".repeat(100_000))) {
      assertFalse(tokens.proves(bad, "dear", NOW), bad);
    }
  }

  @Test
  void key_thatIsShortOrMissing_isRefused() {
    assertThrows(IllegalArgumentException.class, () -> new CallerTokens(List.of()));
    assertThrows(IllegalArgumentException.class, () -> new CallerTokens(List.of(new byte[15])));
  }

  private String choose(@Nullable String named, AcceptClass accept, Baggage asked) {
    return choice.ofInvocation(named, accept, asked, tokens, NOW);
  }
}

package dev.fareway.activator.proxy;

import dev.fareway.activator.core.Baggage;
import dev.fareway.activator.core.CallerTokens;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The proofs of class that are given out, each signed once a minute rather than once a request. */
final class Tokens {
  private static final long STEP_SECONDS = 60;
  private static final int MOST = 4096;

  private final CallerTokens signer;
  private final Map<Key, Proof> signed = new HashMap<>();

  Tokens(CallerTokens signer) {
    this.signer = signer;
  }

  CallerTokens signer() {
    return signer;
  }

  /** A proof that holds for this long, and up to a minute more. */
  Proof of(String priceClass, long lifetimeSeconds, long nowSeconds) {
    long expiry = Math.ceilDiv(nowSeconds + lifetimeSeconds, STEP_SECONDS) * STEP_SECONDS;
    if (signed.size() >= MOST) {
      signed.clear();
    }
    var key = new Key(priceClass, expiry);
    Proof proof = signed.get(key);
    if (proof == null) {
      String token = signer.sign(priceClass, expiry);
      proof = new Proof(token, Baggage.sendOn(List.of(), priceClass, token));
      signed.put(key, proof);
    }
    return proof;
  }

  /**
   * A proof of class.
   *
   * @param token the proof alone
   * @param baggage class and proof as the header says them to who has no baggage of their own
   */
  record Proof(String token, String baggage) {}

  private record Key(String priceClass, long expiry) {}
}

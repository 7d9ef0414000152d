package dev.fareway.activator.proxy;

import dev.fareway.activator.core.CallerTokens;
import java.util.HashMap;
import java.util.Map;

/** The proofs of class that are given out, each signed once a minute rather than once a request. */
final class Tokens {
  private static final long STEP_SECONDS = 60;
  private static final int MOST = 4096;

  private final CallerTokens signer;
  private final Map<Key, String> signed = new HashMap<>();

  Tokens(CallerTokens signer) {
    this.signer = signer;
  }

  CallerTokens signer() {
    return signer;
  }

  /** A proof that holds for this long, and up to a minute more. */
  String of(String priceClass, long lifetimeSeconds, long nowSeconds) {
    long expiry = Math.ceilDiv(nowSeconds + lifetimeSeconds, STEP_SECONDS) * STEP_SECONDS;
    if (signed.size() >= MOST) {
      signed.clear();
    }
    return signed.computeIfAbsent(
        new Key(priceClass, expiry), key -> signer.sign(key.priceClass, key.expiry));
  }

  private record Key(String priceClass, long expiry) {}
}

package dev.fareway.activator.core;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Short-lived proofs that a call comes from a function pod: an activator gives one with each
 * request that it forwards, the function's tracing library passes it on with the baggage, and the
 * next activator checks it.
 *
 * <p>A proof is {@code 1.EXPIRY.MAC}: the expiry in seconds since the epoch to the base of 36, and
 * the first 128 bits of HMAC-SHA256 over version, class and expiry. It is bound to the class, so
 * that the proof of a cheap call can't be made into that of a dear one. All characters may stand in
 * baggage as they are.
 *
 * <p>Not thread-safe.
 */
public final class CallerTokens {
  private static final int MAC_BYTES = 16;
  private static final int MIN_KEY_BYTES = 16;
  private static final int MAX_LENGTH = 64;

  private final List<Mac> macs;

  /**
   * Signs with the first key and accepts all, so that keys can be rotated.
   *
   * @param keys one or more keys of 16 bytes or more
   */
  public CallerTokens(List<byte[]> keys) {
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("there must be a key to sign with");
    }
    macs = keys.stream().map(CallerTokens::mac).toList();
  }

  /**
   * A proof for one class.
   *
   * @param expirySeconds until when it holds, in seconds since the epoch
   */
  public String sign(String priceClass, long expirySeconds) {
    String expiry = Long.toString(expirySeconds, 36);
    return "1." + expiry + "." + encode(macOf(macs.getFirst(), priceClass, expiry));
  }

  /**
   * Whether this proves this class now.
   *
   * @param token whatever the caller sent
   * @param nowSeconds seconds since the epoch
   */
  public boolean proves(String token, String priceClass, long nowSeconds) {
    if (token.length() > MAX_LENGTH || !token.startsWith("1.")) {
      return false;
    }
    int dot = token.indexOf('.', 2);
    if (dot < 0) {
      return false;
    }
    String expiry = token.substring(2, dot);
    byte[] mac;
    try {
      if (Long.parseLong(expiry, 36) < nowSeconds) {
        return false;
      }
      mac = Base64.getUrlDecoder().decode(token.substring(dot + 1));
    } catch (IllegalArgumentException malformed) { // NumberFormatException is one
      return false;
    }
    for (Mac each : macs) {
      if (MessageDigest.isEqual(mac, macOf(each, priceClass, expiry))) {
        return true;
      }
    }
    return false;
  }

  private static String encode(byte[] mac) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(mac);
  }

  private static byte[] macOf(Mac mac, String priceClass, String expiry) {
    byte[] text = ("fareway/1/" + priceClass + "/" + expiry).getBytes(StandardCharsets.UTF_8);
    return Arrays.copyOf(mac.doFinal(text), MAC_BYTES);
  }

  private static Mac mac(byte[] key) {
    if (key.length < MIN_KEY_BYTES) {
      throw new IllegalArgumentException(
          "a key of %d bytes is too short, it must be %d or more"
              .formatted(key.length, MIN_KEY_BYTES));
    }
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }
}

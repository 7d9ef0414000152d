package dev.fareway.operator.certificates;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Key material as the data of a Secret. */
final class SecretMaterial {
  private static final String SIGNER = "ca";
  private static final String NEXT = "next-ca";
  private static final String PREVIOUS = "previous-ca";
  private static final String SERVING = "tls";

  private SecretMaterial() {}

  static Map<String, String> data(KeyMaterial material) {
    Map<String, String> data = new LinkedHashMap<>();
    put(data, SIGNER, material.signer());
    put(data, SERVING, material.serving());
    material.next().ifPresent(next -> put(data, NEXT, next));
    material
        .previous()
        .ifPresent(previous -> data.put(PREVIOUS + ".crt", encoded(Pem.of(List.of(previous)))));
    return data;
  }

  /**
   * Reads it; empty if there is none yet.
   *
   * @throws GeneralSecurityException if what there is can't be read
   */
  static Optional<KeyMaterial> read(@Nullable Map<String, String> data)
      throws GeneralSecurityException {
    if (data == null || !data.containsKey(SIGNER + ".crt")) {
      return Optional.empty();
    }
    Optional<Identity> signer = identity(data, SIGNER);
    Optional<Identity> serving = identity(data, SERVING);
    if (signer.isEmpty() || serving.isEmpty()) {
      throw new GeneralSecurityException("a certificate or its key is missing");
    }
    String previous = data.get(PREVIOUS + ".crt");
    Optional<X509Certificate> before =
        previous == null
            ? Optional.empty()
            : Optional.of(Pem.certificates(decoded(previous)).getFirst());
    return Optional.of(new KeyMaterial(signer.get(), identity(data, NEXT), before, serving.get()));
  }

  private static void put(Map<String, String> data, String name, Identity identity) {
    data.put(name + ".crt", encoded(Pem.of(List.of(identity.certificate()))));
    data.put(name + ".key", encoded(Pem.of(identity.key())));
  }

  private static Optional<Identity> identity(Map<String, String> data, String name)
      throws GeneralSecurityException {
    String certificate = data.get(name + ".crt");
    String key = data.get(name + ".key");
    if (certificate == null || key == null) {
      return Optional.empty();
    }
    return Optional.of(
        new Identity(Pem.certificates(decoded(certificate)).getFirst(), Pem.key(decoded(key))));
  }

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }

  private static String decoded(String base64) throws GeneralSecurityException {
    try {
      return new String(Base64.getDecoder().decode(base64), UTF_8);
    } catch (IllegalArgumentException e) {
      throw new GeneralSecurityException("a value is no base64", e);
    }
  }
}

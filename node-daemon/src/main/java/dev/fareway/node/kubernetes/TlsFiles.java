package dev.fareway.node.kubernetes;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.fareway.protocol.client.Pem;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Whom we trust and our certificate, from files that may be renewed while we run. Thread-safe.
 *
 * <p>What a kubeconfig holds in itself comes as content and is never renewed.
 */
public final class TlsFiles {
  /** PEM in a file or at hand. */
  sealed interface Source {
    record File(Path path) implements Source {}

    record Content(String pem) implements Source {
      @Override
      public String toString() {
        return "Content[...]";
      }
    }
  }

  private final @Nullable Source authority;
  private final @Nullable Source certificate;
  private final @Nullable Source key;
  private final boolean insecure;
  private @Nullable SSLContext context;
  private List<FileTime> contextOf = List.of();

  private TlsFiles(
      @Nullable Source authority,
      @Nullable Source certificate,
      @Nullable Source key,
      boolean insecure) {
    this.authority = authority;
    this.certificate = certificate;
    this.key = key;
    this.insecure = insecure;
  }

  /** The system's authorities. */
  static TlsFiles systemTrust() {
    return new TlsFiles(null, null, null, false);
  }

  /** The authorities in a file. */
  static TlsFiles trusting(Path authority) {
    return new TlsFiles(new Source.File(authority), null, null, false);
  }

  /**
   * All of it.
   *
   * @param authority null: the system's
   * @param certificate ours, first in its chain; null: none
   * @param key of our certificate
   * @param insecure whether anybody is trusted
   */
  static TlsFiles of(
      @Nullable Source authority,
      @Nullable Source certificate,
      @Nullable Source key,
      boolean insecure) {
    if ((certificate == null) != (key == null)) {
      throw new IllegalArgumentException("a client certificate and its key go together");
    }
    return new TlsFiles(authority, certificate, key, insecure);
  }

  /** Whether the server's name is checked. */
  boolean verifiesServer() {
    return !insecure;
  }

  /** What to connect with now. */
  synchronized SSLContext context() throws IOException {
    List<FileTime> times = times();
    SSLContext now = context;
    if (now == null || !times.equals(contextOf)) {
      now = create();
      context = now;
      contextOf = times;
    }
    return now;
  }

  private List<FileTime> times() throws IOException {
    var files =
        Stream.of(authority, certificate, key)
            .filter(Source.File.class::isInstance)
            .map(source -> ((Source.File) Objects.requireNonNull(source)).path())
            .toList();
    var times = new java.util.ArrayList<FileTime>();
    for (Path file : files) {
      times.add(Files.getLastModifiedTime(file));
    }
    return times;
  }

  private SSLContext create() throws IOException {
    try {
      var created = SSLContext.getInstance("TLS");
      created.init(keyManagers(), trustManagers(), null);
      return created;
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException(
          "TLS with the API server can't be set up from %s, %s, %s: %s"
              .formatted(authority, certificate, key, e.getMessage()),
          e);
    }
  }

  private TrustManager @Nullable [] trustManagers() throws IOException, GeneralSecurityException {
    if (insecure) {
      return new TrustManager[] {new TrustsAll()};
    }
    if (authority == null) {
      return null;
    }
    KeyStore store = emptyStore();
    int number = 0;
    for (X509Certificate trusted : Pem.certificates(read(authority))) {
      store.setCertificateEntry("authority-" + number++, trusted);
    }
    if (number == 0) {
      throw new GeneralSecurityException("%s holds no certificate".formatted(authority));
    }
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  private javax.net.ssl.KeyManager @Nullable [] keyManagers()
      throws IOException, GeneralSecurityException {
    if (certificate == null || key == null) {
      return null;
    }
    PrivateKey privateKey = Pem.privateKey(read(key));
    X509Certificate[] chain = Pem.certificates(read(certificate)).toArray(new X509Certificate[0]);
    KeyStore store = emptyStore();
    store.setKeyEntry("client", privateKey, new char[0], chain);
    var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, new char[0]);
    return factory.getKeyManagers();
  }

  private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static byte[] read(Source source) throws IOException {
    return switch (source) {
      case Source.File(Path path) -> Files.readAllBytes(path);
      case Source.Content(String pem) -> pem.getBytes(US_ASCII);
    };
  }

  /** For clusters of a developer's own, whose kubeconfig asks for it. */
  private static final class TrustsAll extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}

package dev.fareway.operator.certificates;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A certificate from the files {@code tls.crt}, {@code tls.key} and {@code ca.crt}, as cert-manager
 * and mounted Secrets have them, read anew each time.
 */
final class FileCertificates implements Certificates.Source {
  private final Path folder;

  FileCertificates(Path folder) {
    this.folder = folder;
  }

  @Override
  public Certificates.Current current() throws IOException {
    List<X509Certificate> chain;
    try {
      chain = Pem.certificates(Files.readString(folder.resolve("tls.crt")));
      Identity serving =
          new Identity(chain.getFirst(), Pem.key(Files.readString(folder.resolve("tls.key"))));
      Path authority = folder.resolve("ca.crt");
      return new Certificates.Current(
          serving, chain, Files.exists(authority) ? Files.readString(authority) : "");
    } catch (GeneralSecurityException e) {
      throw new IOException(
          "%s (fareway.certificates.folder) has no usable tls.crt and tls.key: %s"
              .formatted(folder, e.getMessage()),
          e);
    }
  }

  /** The files are known to those who made them; daemons mount the authority as they do. */
  @Override
  public void publish(String authorities) {}
}

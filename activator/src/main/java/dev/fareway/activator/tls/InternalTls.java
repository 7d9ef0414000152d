package dev.fareway.activator.tls;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS between Knative's parts: whether it is wanted, and what is missing for it. What was good last
 * stays in use when its successor can't be: a slip in one Secret must not take all activators away.
 *
 * <p>To be used on one thread; what it sets is for all.
 */
public final class InternalTls {
  private static final Logger LOG = LoggerFactory.getLogger(InternalTls.class);
  private static final String REMEDY =
      "; Knative's controller makes it with cert-manager where system-internal-tls is on: look at the Certificate of that"
          + " name, or switch system-internal-tls off in config-network";

  private final ServerIdentity shown;
  private final PodTrust trust;
  private final String secret;
  private final InstantSource clock;
  private final Map<String, List<X509Certificate>> authorities = new TreeMap<>();
  private @Nullable Identity identity;
  private String whyNoIdentity = "is not there";
  private boolean isWanted;

  /**
   * Not wanted, and with nothing.
   *
   * @param secret what the Secret with the activator's certificate is called in messages
   */
  public InternalTls(ServerIdentity shown, PodTrust trust, String secret, InstantSource clock) {
    this.shown = shown;
    this.trust = trust;
    this.secret = secret;
    this.clock = clock;
  }

  /** Whether Knative's parts are to speak TLS. */
  public boolean isWanted() {
    return isWanted;
  }

  /** Says whether they are to. */
  public void wanted(boolean now) {
    isWanted = now;
  }

  /** What to show to callers from now on. */
  public void identity(Identity now) {
    if (identity == null || !identity.certificate().equals(now.certificate())) {
      LOG.info("Secret {}: shows {}", secret, now);
    }
    identity = now;
    whyNoIdentity = "";
    shown.set(now);
  }

  /** There is nothing new to show, and why: a verb and what follows it. */
  public void noIdentity(String why) {
    if (why.equals(whyNoIdentity)) {
      return;
    }
    whyNoIdentity = why;
    if (identity != null) {
      LOG.error("Secret {} {}: goes on with {}", secret, why, identity);
    }
  }

  /**
   * Whom to believe.
   *
   * @param source where they come from; these take the place of those that came from there before
   */
  public void authorities(String source, List<X509Certificate> now) {
    List<X509Certificate> before =
        now.isEmpty() ? authorities.remove(source) : authorities.put(source, List.copyOf(now));
    if (!now.equals(before == null ? List.of() : before)) {
      LOG.info("Authorities to know pods by, from {}: {}", source, now.size());
      var all = new ArrayList<X509Certificate>();
      authorities.values().forEach(all::addAll);
      trust.set(all);
    }
  }

  /** Why the activator can't work so; empty if it can, or need not. */
  public String whyNotReady() {
    if (!isWanted) {
      return "";
    }
    Instant now = clock.instant();
    if (identity == null) {
      return "TLS is wanted (system-internal-tls), and Secret "
          + secret
          + " "
          + whyNoIdentity
          + REMEDY;
    }
    if (!identity.notAfter().isAfter(now)) {
      return "the certificate in Secret %s is over since %s%s%s"
          .formatted(
              secret,
              identity.notAfter(),
              whyNoIdentity.isEmpty() ? "" : ", and the Secret now " + whyNoIdentity,
              REMEDY);
    }
    if (identity.notBefore().isAfter(now)) {
      return "the certificate in Secret %s is not valid before %s: is this node's clock right?"
          .formatted(secret, identity.notBefore());
    }
    boolean knowsAny =
        authorities.values().stream()
            .flatMap(List::stream)
            .anyMatch(each -> each.getNotAfter().toInstant().isAfter(now));
    return knowsAny
        ? ""
        : "there is no valid authority to know pods by: neither ca.crt in Secret "
            + secret
            + " nor a ConfigMap labelled networking.knative.dev/trust-bundle in that namespace has one";
  }

  /** Writes the metrics in Prometheus' text format. */
  public void writeMetrics(StringBuilder out) {
    out.append(
            "# HELP fareway_activator_tls_refused_total Certificates of pods that were refused.\n")
        .append("# TYPE fareway_activator_tls_refused_total counter\n")
        .append("fareway_activator_tls_refused_total ")
        .append(trust.refused())
        .append('\n');
    if (identity != null) {
      out.append(
              "# HELP fareway_activator_tls_certificate_expiry_seconds When the certificate is over.\n")
          .append("# TYPE fareway_activator_tls_certificate_expiry_seconds gauge\n")
          .append("fareway_activator_tls_certificate_expiry_seconds ")
          .append(identity.notAfter().getEpochSecond())
          .append('\n');
    }
  }
}

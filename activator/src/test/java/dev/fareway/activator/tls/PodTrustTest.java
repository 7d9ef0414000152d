package dev.fareway.activator.tls;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fareway.activator.conformance.TestCertificates;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.Test;

class PodTrustTest {
  private final PodTrust trust = new PodTrust();

  @Test
  void queueProxiesName_isOfItsNamespace_inLowerCase() {
    assertEquals("kn-user-shop", Names.ofQueueProxies("shop"));
    assertEquals("kn-user-shop", Names.ofQueueProxies("Shop"));
  }

  @Test
  void check_wantsAuthorityAndName() throws Exception {
    var authority = new TestCertificates("one");
    trust.set(List.of(authority.authority()));

    assertDoesNotThrow(
        () -> check(authority.issue("data-plane.knative.dev", "kn-user-shop"), "kn-user-shop"));
    refused("not for kn-user-shop", authority.issue("data-plane.knative.dev"), "kn-user-shop");
    refused("not for kn-user-shop", authority.issue("kn-user-shop.evil"), "kn-user-shop");
    refused("not for kn-user-shop", authority.issue("*"), "kn-user-shop");
    refused("not for kn-user-shop", authority.issue(), "kn-user-shop");
    refused("not for null", authority.issue("kn-user-shop"), null);
    refused("", new TestCertificates("one").issue("kn-user-shop"), "kn-user-shop");
    refused(
        "",
        authority.issue("EC", Instant.now().minus(1, ChronoUnit.HOURS), "kn-user-shop"),
        "kn-user-shop");
    assertEquals(7, trust.refused());
  }

  @Test
  void check_refusesAll_withoutAnAuthority_andWithoutAnEngine() throws Exception {
    var authority = new TestCertificates("one");
    var pair = authority.issue("kn-user-shop");
    refused("no authority", pair, "kn-user-shop");
    trust.set(List.of(authority.authority()));
    trust.set(List.of());
    refused("no authority", pair, "kn-user-shop");
    trust.set(List.of(authority.authority()));
    X509Certificate[] chain = {pair.certificate()};

    assertThrows(CertificateException.class, () -> trust.checkServerTrusted(chain, "UNKNOWN"));
    assertThrows(CertificateException.class, () -> trust.checkClientTrusted(chain, "UNKNOWN"));
  }

  @Test
  void set_isANewVersion() throws Exception {
    long before = trust.version();
    trust.set(List.of(new TestCertificates("one").authority()));
    assertTrue(trust.version() > before);
  }

  private void refused(String why, TestCertificates.Pair pair, String name) {
    String message =
        String.valueOf(
            assertThrows(CertificateException.class, () -> check(pair, name)).getMessage());
    assertTrue(message.contains(why), message);
  }

  private void check(TestCertificates.Pair pair, String name) throws Exception {
    SSLEngine engine = SSLContext.getDefault().createSSLEngine(name, 8112);
    trust.checkServerTrusted(new X509Certificate[] {pair.certificate()}, "UNKNOWN", engine);
  }
}

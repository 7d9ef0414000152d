package dev.fareway.protocol.client;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Certificates and private keys as text (RFC 7468): PKCS #8, and the older forms of RSA (RFC 8017)
 * and elliptic curve keys (RFC 5915), which the JDK takes only inside a PKCS #8 shell. No part of a
 * key becomes a {@link String}, nor a part of a message.
 */
public final class Pem {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");
  private static final List<String> ALGORITHMS = List.of("EC", "RSA", "Ed25519");

  private static final int INTEGER = 0x02;
  private static final int OCTET_STRING = 0x04;
  private static final int SEQUENCE = 0x30;
  private static final int PARAMETERS = 0xA0;
  private static final byte[] VERSION_0 = {INTEGER, 1, 0};

  /** Object identifier 1.2.840.113549.1.1.1 with its NULL parameter. */
  private static final byte[] RSA = {
    0x06, 0x09, 0x2A, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0
  };

  /** Object identifier 1.2.840.10045.2.1. */
  private static final byte[] EC = {
    0x06, 0x07, 0x2A, (byte) 0x86, 0x48, (byte) 0xCE, 0x3D, 0x02, 0x01
  };

  private Pem() {}

  /**
   * All certificates, in their order; none if there is none.
   *
   * @throws CertificateException if one is malformed
   */
  public static List<X509Certificate> certificates(byte[] pem) throws CertificateException {
    var factory = CertificateFactory.getInstance("X.509");
    var all = new ArrayList<X509Certificate>();
    CharBuffer text = StandardCharsets.ISO_8859_1.decode(ByteBuffer.wrap(pem));
    Matcher block = BLOCK.matcher(text);
    while (block.find()) {
      if (block.group(1).equals("CERTIFICATE")) {
        all.add(
            (X509Certificate)
                factory.generateCertificate(new ByteArrayInputStream(certificate(pem, block))));
      }
    }
    return all;
  }

  private static byte[] certificate(byte[] pem, Matcher block) throws CertificateException {
    try {
      return content(pem, block);
    } catch (InvalidKeySpecException e) {
      throw new CertificateException("a certificate is no base64", e);
    }
  }

  /**
   * The first private key.
   *
   * @throws GeneralSecurityException if there is none, or it is malformed; the message doesn't show
   *     it
   */
  public static PrivateKey privateKey(byte[] pem) throws GeneralSecurityException {
    CharBuffer text = StandardCharsets.ISO_8859_1.decode(ByteBuffer.wrap(pem));
    try {
      Matcher block = BLOCK.matcher(text);
      while (block.find()) {
        switch (block.group(1)) {
          case "PRIVATE KEY" -> {
            return key(content(pem, block));
          }
          case "RSA PRIVATE KEY" -> {
            return key(shell(RSA, content(pem, block)));
          }
          case "EC PRIVATE KEY" -> {
            byte[] key = content(pem, block);
            return key(shell(concat(EC, curve(key)), key));
          }
          // EC PARAMETERS stands before the key in files of some tools.
          default -> {}
        }
      }
    } catch (IndexOutOfBoundsException truncated) {
      throw new InvalidKeySpecException("the private key is cut short", truncated);
    } finally {
      Arrays.fill(text.array(), '\0');
    }
    throw new InvalidKeySpecException("there is no unencrypted private key in PEM");
  }

  private static byte[] content(byte[] pem, Matcher block) throws InvalidKeySpecException {
    byte[] lines = Arrays.copyOfRange(pem, block.start(2), block.end(2));
    try {
      return Base64.getMimeDecoder().decode(lines);
    } catch (IllegalArgumentException e) {
      throw new InvalidKeySpecException("a block of the PEM is no base64", e);
    } finally {
      Arrays.fill(lines, (byte) 0);
    }
  }

  private static PrivateKey key(byte[] pkcs8) throws GeneralSecurityException {
    try {
      for (String algorithm : ALGORITHMS) {
        try {
          return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } catch (InvalidKeySpecException e) {
          // Of another algorithm.
        }
      }
    } finally {
      Arrays.fill(pkcs8, (byte) 0);
    }
    throw new InvalidKeySpecException(
        "the private key is malformed, or of none of the algorithms " + ALGORITHMS);
  }

  private static byte[] shell(byte[] algorithm, byte[] key) {
    return der(
        SEQUENCE, concat(VERSION_0, concat(der(SEQUENCE, algorithm), der(OCTET_STRING, key))));
  }

  /** The curve's identifier, from the optional parameters of an elliptic curve key. */
  private static byte[] curve(byte[] key) throws InvalidKeySpecException {
    int at = contentStart(key, 0);
    while (at + 1 < key.length) {
      int start = contentStart(key, at);
      int end = start + length(key, at);
      if (start < 0 || end > key.length) {
        break;
      }
      if ((key[at] & 0xFF) == PARAMETERS) {
        return Arrays.copyOfRange(key, start, end);
      }
      at = end;
    }
    throw new InvalidKeySpecException("the elliptic curve key does not name its curve");
  }

  private static int contentStart(byte[] der, int at) {
    int first = der[at + 1] & 0xFF;
    return at + 2 + (first < 0x80 ? 0 : first & 0x7F);
  }

  private static int length(byte[] der, int at) {
    int first = der[at + 1] & 0xFF;
    if (first < 0x80) {
      return first;
    }
    int length = 0;
    for (int i = 0; i < (first & 0x7F); i++) {
      length = (length << 8) | (der[at + 2 + i] & 0xFF);
    }
    return length;
  }

  private static byte[] der(int tag, byte[] content) {
    var out = new ByteArrayOutputStream();
    out.write(tag);
    if (content.length < 0x80) {
      out.write(content.length);
    } else if (content.length < 0x100) {
      out.write(0x81);
      out.write(content.length);
    } else {
      out.write(0x82);
      out.write(content.length >> 8);
      out.write(content.length);
    }
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}

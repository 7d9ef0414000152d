package dev.fareway.node.kubernetes;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLSocket;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * One connection for one HTTP/1.1 request (RFC 9112), with bounded heads and a body read as it
 * comes.
 *
 * <p>Why not the JDK's: {@code HttpClient} holds 27 MiB more than this, {@code HttpURLConnection}
 * can't PATCH (docs/decisions/020-the-node-daemons-footprint.md). No proxies, no redirects, no
 * reuse: the daemon asks seldom and watches long.
 */
final class HttpConnection implements AutoCloseable {
  private static final int MAX_LINE = 8 * 1024;
  private static final int MAX_HEADERS = 100;

  /** A peer that is gone without a word is noticed by the kernel after half a minute. */
  private static final int KEEP_ALIVE_IDLE_SECONDS = 15;

  private static final int KEEP_ALIVE_INTERVAL_SECONDS = 5;
  private static final int KEEP_ALIVE_COUNT = 3;

  private final Socket socket;
  private final InputStream in;
  private final String host;

  private HttpConnection(Socket socket, String host) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
    this.host = host;
  }

  /** An answer's head, and its body as it comes. */
  record Answer(int status, Map<String, String> headers, InputStream body) {}

  /**
   * Connects.
   *
   * @param limit for connecting, and for every wait for bytes afterwards
   */
  static HttpConnection open(ApiAccess access, Duration limit) throws IOException {
    int millis = Math.toIntExact(limit.toMillis());
    var plain = new Socket();
    try {
      plain.connect(new InetSocketAddress(access.host(), access.port()), millis);
      plain.setSoTimeout(millis);
      plain.setTcpNoDelay(true);
      keepAlive(plain);
      TlsFiles tls = access.tls();
      Socket socket = tls == null ? plain : secure(plain, access, tls);
      return new HttpConnection(socket, access.server().getRawAuthority());
    } catch (IOException | RuntimeException e) {
      plain.close();
      throw e;
    }
  }

  private static void keepAlive(Socket socket) throws IOException {
    socket.setKeepAlive(true);
    socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, KEEP_ALIVE_IDLE_SECONDS);
    socket.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, KEEP_ALIVE_INTERVAL_SECONDS);
    socket.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, KEEP_ALIVE_COUNT);
  }

  private static Socket secure(Socket plain, ApiAccess access, TlsFiles tls) throws IOException {
    var socket =
        (SSLSocket)
            tls.context()
                .getSocketFactory()
                .createSocket(plain, access.host(), access.port(), true);
    if (tls.verifiesServer()) {
      var parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      socket.setSSLParameters(parameters);
    }
    socket.startHandshake();
    return socket;
  }

  /** From now on, how long a silence of the server's may be. */
  void silenceLimit(Duration limit) throws IOException {
    socket.setSoTimeout(Math.toIntExact(limit.toMillis()));
  }

  /**
   * Sends the request and reads the answer's head.
   *
   * @param target path and query, already encoded
   * @param body null: none
   */
  Answer send(
      String method,
      String target,
      String accept,
      @Nullable String token,
      @Nullable String contentType,
      byte @Nullable [] body)
      throws IOException {
    var head = new StringBuilder(512);
    head.append(method).append(' ').append(target).append(" HTTP/1.1\r\nHost: ").append(host);
    head.append("\r\nUser-Agent: fareway-node-daemon\r\nConnection: close\r\nAccept: ");
    head.append(accept);
    if (token != null) {
      head.append("\r\nAuthorization: Bearer ").append(token);
    }
    if (body != null) {
      head.append("\r\nContent-Type: ").append(contentType);
      head.append("\r\nContent-Length: ").append(body.length);
    }
    head.append("\r\n\r\n");
    var out = socket.getOutputStream();
    byte[] first = head.toString().getBytes(US_ASCII);
    if (body == null) {
      out.write(first);
    } else {
      byte[] all = java.util.Arrays.copyOf(first, first.length + body.length);
      System.arraycopy(body, 0, all, first.length, body.length);
      out.write(all);
    }
    out.flush();
    return answer();
  }

  private Answer answer() throws IOException {
    int status;
    do {
      status = status(line());
      // Interim answers (100 Continue) come before the one that counts.
      if (status < 200) {
        headers();
      }
    } while (status < 200);
    Map<String, String> headers = headers();
    return new Answer(status, headers, body(status, headers));
  }

  private static int status(String line) throws IOException {
    if (!line.startsWith("HTTP/1.") || line.length() < "HTTP/1.1 200".length()) {
      throw new IOException("no HTTP/1.1 answer: '%s'".formatted(shortened(line)));
    }
    return number(line.substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length()), 10);
  }

  private Map<String, String> headers() throws IOException {
    var headers = new HashMap<String, String>();
    for (int count = 0; count <= MAX_HEADERS; count++) {
      String line = line();
      if (line.isEmpty()) {
        return headers;
      }
      int colon = line.indexOf(':');
      if (colon < 1) {
        throw new IOException("no header: '%s'".formatted(shortened(line)));
      }
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    throw new IOException("more than %d headers".formatted(MAX_HEADERS));
  }

  private InputStream body(int status, Map<String, String> headers) throws IOException {
    if (status == 204 || status == 304) {
      return InputStream.nullInputStream();
    }
    if (headers
        .getOrDefault("transfer-encoding", "")
        .toLowerCase(Locale.ROOT)
        .contains("chunked")) {
      return new Chunks();
    }
    String length = headers.get("content-length");
    return length == null ? in : new Remaining(number(length, 10));
  }

  private String line() throws IOException {
    var line = new StringBuilder(64);
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("the API server has closed the connection");
      }
      if (line.length() == MAX_LINE) {
        throw new IOException("a line of more than %d bytes".formatted(MAX_LINE));
      }
      line.append((char) next);
    }
    int end = line.length();
    return end > 0 && line.charAt(end - 1) == '\r' ? line.substring(0, end - 1) : line.toString();
  }

  private static int number(String digits, int radix) throws IOException {
    try {
      int number = Integer.parseInt(digits, radix);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IOException("no number in HTTP: '%s'".formatted(shortened(digits)));
  }

  private static String shortened(String text) {
    String printable =
        new String(text.getBytes(ISO_8859_1), US_ASCII).replaceAll("\\p{Cntrl}", "?");
    return printable.length() > 80 ? printable.substring(0, 80) + "..." : printable;
  }

  /** Breaks off whatever is under way, also from another thread. */
  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // It is gone either way.
    }
  }

  /** A body of a known length. */
  private final class Remaining extends InputStream {
    private int left;

    Remaining(int length) {
      this.left = length;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int count = in.read(into, offset, Math.min(left, length));
      if (count < 0) {
        throw new EOFException("the answer ended %d bytes too early".formatted(left));
      }
      left -= count;
      return count;
    }
  }

  /** A body in chunks, each with its length before it. */
  private final class Chunks extends InputStream {
    private int left;
    private boolean first = true;
    private boolean ended;

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    /** What has come is returned at once: an event must not wait for the next one. */
    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (left == 0 && !nextChunk()) {
        return -1;
      }
      int count = in.read(into, offset, Math.min(left, length));
      if (count < 0) {
        throw new EOFException("the answer ended inside a chunk");
      }
      left -= count;
      return count;
    }

    private boolean nextChunk() throws IOException {
      if (ended) {
        return false;
      }
      if (!first && !line().isEmpty()) {
        throw new IOException("a chunk is longer than it said");
      }
      first = false;
      String line = line();
      int end = line.indexOf(';');
      left = number((end < 0 ? line : line.substring(0, end)).strip(), 16);
      ended = left == 0;
      return !ended;
    }
  }
}

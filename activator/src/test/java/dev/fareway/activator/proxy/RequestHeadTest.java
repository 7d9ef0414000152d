package dev.fareway.activator.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.AsciiString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestHeadTest {
  private final RequestHead head = new RequestHead();

  @Test
  void head_isWritten_asHttp1HasIt() {
    head.begin("GET", "/a?b=c", "shop.example.com:80");
    head.add("name", "värde");
    head.add(AsciiString.of("other"), AsciiString.of("xvaluex").subSequence(1, 6));

    assertEquals(
        "GET /a?b=c HTTP/1.1\r\nhost: shop.example.com:80\r\nname: värde\r\nother: value\r\n\r\n",
        written(false));
  }

  @Test
  void bodyOfUnknownLength_isSaidToBeChunked() {
    head.begin("POST", "/", "h");

    assertEquals("POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n", written(true));
  }

  @Test
  void nextHead_hasNothingOfTheOneBefore_evenOfOneThatWasRefused() {
    String large = "x".repeat(200_000);
    head.begin("GET", "/", "h");
    head.add("large", large);
    assertEquals(large.length() + 36, written(false).length());
    assertThrows(IllegalArgumentException.class, () -> head.add("a", "b\r\nc: d"));

    head.begin("GET", "/", "h");

    assertEquals("GET / HTTP/1.1\r\nhost: h\r\n\r\n", written(false));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/ HTTP/1.1\r\nhost: other\r\n\r\nGET /admin",
        "/a\nb",
        "/a\rb",
        "/a b",
        "/a\u010db",
        "/a\0b"
      })
  void target_thatWouldEndTheLine_isRefused(String target) {
    assertThrows(IllegalArgumentException.class, () -> head.begin("GET", target, "h"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\r\nb: c", "a\nb", "a\rb", "a\u010ab", "a\0b"})
  void value_thatWouldEndTheLine_isRefused(String value) {
    head.begin("GET", "/", "h");

    assertThrows(IllegalArgumentException.class, () -> head.add("name", value));
    assertThrows(IllegalArgumentException.class, () -> head.add(value, "value"));
    assertThrows(IllegalArgumentException.class, () -> head.begin("GET", "/", value));
  }

  private String written(boolean isChunked) {
    ByteBuf bytes = head.end(UnpooledByteBufAllocator.DEFAULT, isChunked);
    try {
      return bytes.toString(ISO_8859_1);
    } finally {
      bytes.release();
    }
  }
}

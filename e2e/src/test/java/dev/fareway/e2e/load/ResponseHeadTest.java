package dev.fareway.e2e.load;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseHeadTest {
  private static ByteBuffer received(String text) {
    return ByteBuffer.allocate(512).put(text.getBytes(US_ASCII));
  }

  @Test
  void answer_isReadInWhateverPieces() {
    String head = "HTTP/1.1 503 Busy\r\nDate: now\r\ncontent-LENGTH:  12\r\nX: y\r\n\r\n";
    for (int cut = 0; cut < head.length(); cut++) {
      assertNull(ResponseHead.parse(received(head.substring(0, cut))));
    }
    assertEquals(new ResponseHead(503, head.length() + 12), ResponseHead.parse(received(head)));
    assertEquals(
        new ResponseHead(503, head.length() + 12),
        ResponseHead.parse(received(head + "{\"a\":1}")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "SSH-2.0 hello there\r\n\r\n",
        "HTTP/1.1 2x0 OK\r\nContent-Length: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: one\r\n\r\n"
      })
  void otherThanHttpWithALength_isRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> ResponseHead.parse(received(text)));
  }
}

package dev.fareway.operator.certificates;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import java.time.Instant;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DerTest {
  @ParameterizedTest
  @CsvSource({
    "2.5.29.15, 0603551d0f",
    "1.2.840.10045.4.3.2, 06082a8648ce3d040302",
    "1.3.6.1.5.5.7.3.1, 06082b06010505070301"
  })
  void identifier_isAsItsStandardsWriteIt(String dotted, String encoded) {
    assertEquals(encoded, hex(Der.identifier(dotted)));
  }

  @Test
  void elements_haveTheShortestForm() {
    assertEquals("3000", hex(Der.sequence()));
    assertEquals("0101ff", hex(Der.isTrue()));
    assertEquals("0203 00ff01".replace(" ", ""), hex(Der.integer(BigInteger.valueOf(0xFF01))));
    assertEquals("03020780", hex(Der.namedBits(0)));
    assertEquals("03020106", hex(Der.namedBits(5, 6)));
    assertEquals("a003020102", hex(Der.tagged(0, Der.integer(BigInteger.TWO))));
    assertEquals(
        "170d3439313233313233353935395a", hex(Der.time(Instant.parse("2049-12-31T23:59:59Z"))));
    assertEquals(
        "180f32303530303130313030303030305a", hex(Der.time(Instant.parse("2050-01-01T00:00:00Z"))));
  }

  @ParameterizedTest
  @CsvSource({"127, 047f", "128, 048180", "255, 0481ff", "256, 04820100", "65536, 0483010000"})
  void length_takesAsManyBytesAsItNeeds(int bytes, String begin) {
    assertEquals(begin, hex(Der.octets(new byte[bytes])).substring(0, begin.length()));
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}

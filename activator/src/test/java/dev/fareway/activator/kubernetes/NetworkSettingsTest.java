package dev.fareway.activator.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworkSettingsTest {
  @ParameterizedTest
  @CsvSource({
    "system-internal-tls=Enabled,true",
    "system-internal-tls=enabled,true",
    "system-internal-tls=Disabled,false",
    "system-internal-tls=,false",
    "internal-encryption=true,true",
    "internal-encryption=false,false",
    "internal-encryption=TRUE system-internal-tls=disabled,true",
    "dataplane-trust=minimal,true",
    "dataplane-trust=disabled,false",
    "dataplane-trust=minimal system-internal-tls=disabled,false",
    "ingress-class=kourier,false"
  })
  void wantsTls_isKnativesWord(String data, boolean wants) {
    assertEquals(wants, NetworkSettings.wantsTls(map(data)));
  }

  @Test
  void wantsTls_ofAnotherWord_isRefusedByName() {
    String message =
        String.valueOf(
            assertThrows(
                    IllegalArgumentException.class,
                    () -> NetworkSettings.wantsTls(map("system-internal-tls=yes")))
                .getMessage());
    assertTrue(message.contains("config-network says system-internal-tls: yes"), message);
  }

  private static Map<String, String> map(String data) {
    var map = new TreeMap<String, String>();
    for (String each : data.split(" ", -1)) {
      map.put(each.substring(0, each.indexOf('=')), each.substring(each.indexOf('=') + 1));
    }
    return map;
  }
}

package dev.fareway.e2e.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OnNodeTest {
  private static OnNode of(int policy, int priority, int nice, String weight, String idle) {
    return new OnNode(policy, priority, nice, weight, idle, 0);
  }

  @Test
  void script_tellsHowAProcessRuns() throws Exception {
    Process process = new ProcessBuilder("nice", "-n", "7", "sleep", "98761.5").start();
    try {
      String printed = "";
      for (int i = 0; i < 100 && !printed.contains("nice=7"); i++) {
        Process script =
            new ProcessBuilder("sh", "-c", OnNode.script("no-such-pod", "sleep 98761.5"))
                .redirectErrorStream(true)
                .start();
        printed =
            new String(
                script.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertTrue(script.waitFor(10, TimeUnit.SECONDS));
      }
      OnNode read = OnNode.read(printed);
      assertEquals(0, read.policy());
      assertEquals(7, read.nice());
      assertFalse(read.isUntouched());
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void processThatIsNotThere_isGone() {
    assertTrue(OnNode.read("").isGone());
  }

  @Test
  void goesBefore_byRealTime_byIdle_byWeight_andByNiceValue() {
    assertTrue(of(1, 3, 0, "", "").goesBefore(of(1, 1, 0, "", "")));
    assertTrue(of(1, 3, 0, "", "").goesBefore(of(0, 0, 0, "", "")));
    assertTrue(of(0, 0, 0, "100", "0").goesBefore(of(5, 0, 0, "100", "0")));
    assertTrue(of(0, 0, 0, "100", "0").goesBefore(of(0, 0, 0, "0", "1")));
    assertTrue(of(0, 0, 0, "10000", "0").goesBefore(of(0, 0, 0, "100", "0")));
    assertTrue(of(0, 0, -10, "", "").goesBefore(of(0, 0, 5, "", "")));

    assertFalse(of(0, 0, 0, "", "").goesBefore(of(1, 1, 0, "", "")));
    assertFalse(of(5, 0, 0, "", "").goesBefore(of(0, 0, 0, "", "")));
    assertFalse(of(0, 0, 0, "100", "0").goesBefore(of(0, 0, 0, "100", "0")));
  }
}

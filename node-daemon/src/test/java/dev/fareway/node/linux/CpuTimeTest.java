package dev.fareway.node.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CpuTimeTest {

  @TempDir Path directory = Path.of("");

  @Test
  void busiestShare_isThatOfOneCpu_sinceTheLastCall() throws IOException {
    Path stat = directory.resolve("stat");
    var time = new CpuTime(stat);
    Files.writeString(
        stat,
        "cpu  9 9 9 9 9 9 9 9 9 9\ncpu0 100 0 100 700 100 0 0 0 0 0\ncpu1 0 0 0 9 0 0 0 0 0 0\nintr 1\n");
    assertEquals(0.2, time.busiestShare());

    Files.writeString(
        stat,
        "cpu  9 9 9 9 9 9 9 9 9 9\ncpu0 160 0 115 720 100 0 0 5 50 0\ncpu1 1 0 0 18 0 0 0 0 0 0\n");

    assertEquals(0.8, time.busiestShare());
  }

  @Test
  void busiestShare_isAll_whenItCannotBeRead() {
    assertEquals(1, new CpuTime(directory.resolve("absent")).busiestShare());
  }
}

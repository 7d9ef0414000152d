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
  void busyShare_isThatSinceTheLastCall() throws IOException {
    Path stat = directory.resolve("stat");
    var time = new CpuTime(stat);
    Files.writeString(stat, "cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n");
    assertEquals(0.2, time.busyShare());

    Files.writeString(stat, "cpu  160 0 115 720 100 0 0 5 50 0\n");

    assertEquals(0.8, time.busyShare());
  }

  @Test
  void busyShare_isAll_whenItCannotBeRead() {
    assertEquals(1, new CpuTime(directory.resolve("absent")).busyShare());
  }
}

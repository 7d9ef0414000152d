package dev.fareway.e2e.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SamplesTest {
  @Test
  void file_isReadAsItWasWritten(@TempDir Path folder) throws IOException {
    List<Sample> samples =
        List.of(
            new Sample(0, 1_500, 10, 20, 3_000_000_000_000L, 200),
            new Sample(2, 1, 0, 0, 5, Sample.UNANSWERED));
    Path file = folder.resolve("requests.bin");

    Samples.write(file, samples);

    assertEquals(samples, Samples.read(file));
    assertEquals(12 + 34 * samples.size(), Files.size(file));
  }

  @Test
  void file_thatIsCutOrAnother_isRefused(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("requests.bin");
    Samples.write(file, List.of(new Sample(0, 1, 2, 3, 4, 200)));
    byte[] whole = Files.readAllBytes(file);

    Files.write(file, java.util.Arrays.copyOf(whole, whole.length - 1));
    assertThrows(IOException.class, () -> Samples.read(file));

    Files.writeString(file, "something else altogether");
    assertThrows(IOException.class, () -> Samples.read(file));
  }
}

package dev.fareway.simulator.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fareway.simulator.engine.Workload;
import dev.fareway.simulator.workload.PaperWorkload.MemoryRange;
import dev.fareway.simulator.workload.PriceClasses;
import dev.fareway.simulator.workload.Runtimes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceReaderTest {
  private static final Path SAMPLES = Path.of("../docs/traces");
  private static final PriceClasses CLASSES = PriceClasses.bimodal(5, 0.3);
  private static final MemoryRange MEMORY = new MemoryRange(100_000_000L, 1_000_000_000L);
  private static final long MILLI = 1_000_000L;

  @TempDir Path temporary;

  private record Invocation(long arrival, long runtime, int rank, int kind, long memory) {}

  private static List<Invocation> replay(Trace trace, double speed, long seed) {
    Workload workload = trace.replay(speed, CLASSES, MEMORY, seed);
    var all = new ArrayList<Invocation>();
    while (workload.next()) {
      all.add(
          new Invocation(
              workload.arrivalNanos(),
              workload.runtimeNanos(),
              workload.rank(),
              workload.kind(),
              workload.memoryBytes()));
    }
    return all;
  }

  private static Trace read(Path file, @Nullable Path durations, @Nullable Path memory)
      throws IOException {
    return new TraceReader(
            new TraceReader.Source(file, null, durations, memory, MILLI, 0, 1000),
            Runtimes.DEFAULTS)
        .read();
  }

  private Path write(String text) throws IOException {
    return Files.writeString(temporary.resolve("trace.csv"), text);
  }

  @Test
  void azure2021_arrivesWhenItEndedLessItsDuration() throws IOException {
    Path file =
        write(
            """
            app,func,end_timestamp,duration
            a,f,10.5,0.5
            a,g,3.25,1.25
            b,f,4,1
            """);

    Trace trace = read(file, null, null);

    assertEquals(3, trace.functions());
    assertEquals(2.75e9, trace.cpuNanos());
    List<Invocation> all = replay(trace, 1, 1);
    assertEquals(
        List.of(0L, 1_000_000_000L, 8_000_000_000L),
        all.stream().map(Invocation::arrival).toList());
    assertEquals(
        List.of(1250 * MILLI, 1000 * MILLI, 500 * MILLI),
        all.stream().map(Invocation::runtime).toList());
  }

  @Test
  void speed_bringsArrivalsTogether_andLeavesRunTimes() throws IOException {
    Trace trace = read(SAMPLES.resolve("azure-2021.csv"), null, null);

    List<Invocation> slow = replay(trace, 1, 1);
    List<Invocation> quick = replay(trace, 4, 1);

    assertEquals(slow.size(), quick.size());
    for (int i = 0; i < slow.size(); i++) {
      assertEquals(slow.get(i).arrival / 4.0, (double) quick.get(i).arrival, 1);
      assertEquals(slow.get(i).runtime, quick.get(i).runtime);
    }
  }

  @Test
  void azure2019_countsByTheMinute_andDrawsFromTheQuantiles() throws IOException {
    Path file =
        write(
            """
            HashOwner,HashApp,HashFunction,Trigger,1,2,3
            o,a,f,http,2,0,3
            o,a,g,timer,0,0,1
            """);
    Path durations =
        Files.writeString(
            temporary.resolve("durations.csv"),
            """
            HashOwner,HashApp,HashFunction,Average,Count,Minimum,Maximum,percentile_Average_0,percentile_Average_1,percentile_Average_25,percentile_Average_50,percentile_Average_75,percentile_Average_99,percentile_Average_100
            o,a,f,20,5,10,30,10,10,15,20,25,30,30
            """);
    Path memory =
        Files.writeString(
            temporary.resolve("memory.csv"),
            """
            HashOwner,HashApp,SampleCount,AverageAllocatedMb,AverageAllocatedMb_pct1,AverageAllocatedMb_pct5,AverageAllocatedMb_pct25,AverageAllocatedMb_pct50,AverageAllocatedMb_pct75,AverageAllocatedMb_pct95,AverageAllocatedMb_pct99,AverageAllocatedMb_pct100
            o,a,9,200,200,200,200,200,200,200,200,200
            """);

    List<Invocation> all = replay(read(file, durations, memory), 1, 1);

    assertEquals(6, all.size());
    long minute = 60_000 * MILLI;
    assertEquals(2, all.stream().filter(each -> each.arrival < minute).count());
    assertEquals(4, all.stream().filter(each -> each.arrival >= 2 * minute).count());
    for (Invocation each : all) {
      assertEquals(200_000_000L, each.memory);
      if (each.kind == 0) {
        assertTrue(each.runtime >= 10 * MILLI && each.runtime <= 30 * MILLI, each.toString());
        assertTrue(each.rank >= 2, "called over HTTP, but of a cheap class: " + each);
      } else {
        assertTrue(each.rank < 2, "not called over HTTP, but of a dear class: " + each);
      }
    }
  }

  @Test
  void huawei2023_isByTheSecond_withTheDelayOfThatSecond() throws IOException {
    Path file = write("day,time,7,9\n0,0,2.0,\n0,1,NaN,1.0\n");
    Path delays =
        Files.writeString(temporary.resolve("delays.csv"), "day,time,7,9\n0,0,5.0,\n0,1,,8.5\n");

    List<Invocation> all = replay(read(file, delays, null), 1, 1);

    assertEquals(3, all.size());
    assertEquals(
        List.of(5 * MILLI, 5 * MILLI, 8_500_000L), all.stream().map(Invocation::runtime).toList());
    assertTrue(all.get(2).arrival >= 1000 * MILLI && all.get(2).arrival < 2000 * MILLI);
  }

  @Test
  void huawei2025_takesRunTimeAndMemoryFromEachRequest() throws IOException {
    Path file =
        write(
            """
            time_worker,funcName,runtimeCost,memory_usage
            2592000.5,296,0.25,32.5
            2592001.5,297,0.5,
            """);

    List<Invocation> all = replay(read(file, null, null), 1, 1);

    assertEquals(2, all.size());
    assertEquals(new Invocation(0, 250 * MILLI, all.get(0).rank, 0, 32_500_000L), all.get(0));
    assertEquals(1000 * MILLI, all.get(1).arrival);
    assertTrue(all.get(1).memory >= 100_000_000L, "drawn where the trace has none");
  }

  @ParameterizedTest
  @CsvSource({
    "azure-2021.csv,,",
    "azure-2019-invocations.csv,azure-2019-durations.csv,azure-2019-memory.csv",
    "huawei-2023-requests.csv,huawei-2023-delays.csv,",
    "huawei-2025.csv,,"
  })
  void everySample_isReplayedInOrder_andAlikeForTheSameSeed(
      String file, @Nullable String durations, @Nullable String memory) throws IOException {
    Trace trace =
        read(
            SAMPLES.resolve(file),
            durations == null ? null : SAMPLES.resolve(durations),
            memory == null ? null : SAMPLES.resolve(memory));

    List<Invocation> all = replay(trace, 1, 3);

    assertEquals(trace.invocations(), all.size());
    assertTrue(all.size() >= 500, "only " + all.size());
    for (int i = 1; i < all.size(); i++) {
      assertTrue(all.get(i).arrival >= all.get(i - 1).arrival, "out of order at " + i);
    }
    assertTrue(all.getLast().arrival < trace.durationNanos());
    assertEquals(all, replay(trace, 1, 3));
    double cpu = all.stream().mapToDouble(Invocation::runtime).sum();
    assertEquals(trace.cpuNanos(), cpu, 0.2 * trace.cpuNanos());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "app,func,end_timestamp,duration\\na,f,1,2\\na,f,x,1|line 3|'x'|end_timestamp",
        "app,func,end_timestamp,duration\\na,f,1,-2|line 2|-2|duration",
        "app,func,end_timestamp,duration\\na,f,1,NaN|line 2|NaN|duration",
        "app,func,end_timestamp,duration\\na,f,1|line 2|3 cells|4",
        "HashOwner,HashApp,HashFunction,Trigger,1\\no,a,f,http,2.5|line 2|2.5|whole number",
        "day,time,1\\n0,0,1\\n0,7,1|line 3|7 s|1 or 60",
        "time_worker,funcName,runtimeCost,memory_usage\\n1,2,3,4\\n1,2,,4|line 3|''|runtimeCost",
        "some,other,head\\n1,2,3|line 1|no known layout|trace.csv",
      })
  void malformedTrace_isRefused_namingFileAndLine(
      String text, String line, String value, String what) throws IOException {
    Path file = write(text.replace("\\n", "\n") + "\n");

    var refused = assertThrows(IOException.class, () -> read(file, null, null));

    String message = String.valueOf(refused.getMessage());
    assertTrue(message.contains(file.toString()), message);
    assertTrue(message.contains(line + ":"), message);
    assertTrue(message.contains(value) && message.contains(what), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "app,func,end_timestamp,duration\n"})
  void emptyTrace_isRefused(String text) throws IOException {
    Path file = write(text);

    var refused = assertThrows(IOException.class, () -> read(file, null, null));

    assertTrue(String.valueOf(refused.getMessage()).contains(file.toString()));
  }

  @Test
  void realRows_areReplayed() throws IOException {
    Path file = Path.of("../../shared/traces/azure2021-200.csv");
    assumeTrue(Files.exists(file), "no rows of the Azure Functions trace of 2021 in " + file);

    Trace trace = read(file, null, null);

    assertEquals(199, replay(trace, 1, 1).size());
  }
}

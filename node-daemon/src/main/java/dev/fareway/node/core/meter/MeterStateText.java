package dev.fareway.node.core.meter;

import dev.fareway.node.core.meter.MeterState.MonthState;
import dev.fareway.node.core.meter.MeterState.OpenWrite;
import dev.fareway.node.core.meter.MeterState.Owner;
import dev.fareway.node.core.meter.MeterState.PodState;
import dev.fareway.node.core.meter.MeterState.Waiting;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A {@link MeterState} as text: one line for each fact, fields apart by tabs, which no name in
 * Kubernetes has.
 */
public final class MeterStateText {
  private static final String HEADER = "fareway-meter 1";

  private MeterStateText() {}

  /** Writes. */
  public static String write(MeterState state) {
    var out = new StringBuilder(HEADER).append('\n');
    for (PodState pod : state.pods()) {
      Reading last = pod.last();
      line(
          out,
          "pod",
          pod.uid(),
          last.cgroup(),
          last.atNanos(),
          last.cpuMicros(),
          last.memoryBytes(),
          pod.memoryRemainder(),
          pod.waiting().cpuMicros(),
          pod.waiting().byteSeconds(),
          pod.ended() ? 1 : 0);
      if (pod.owner() != null) {
        UsageKey key = pod.owner().key();
        line(
            out,
            "owner",
            key.namespace(),
            key.function(),
            key.priceClass(),
            pod.owner().nanoUnitsPerCpuSecond());
      }
    }
    for (MonthState month : state.months()) {
      line(out, "month", month.month());
      charges(out, month.since());
      for (OpenWrite write : month.writes()) {
        line(out, "write", write.page(), write.sequence());
        charges(out, write.charges());
      }
    }
    return out.append("end\n").toString();
  }

  private static void charges(StringBuilder out, Map<UsageKey, Amounts> charges) {
    charges.forEach(
        (key, of) ->
            line(
                out,
                "charge",
                key.namespace(),
                key.function(),
                key.priceClass(),
                of.cpuNanos(),
                of.memoryByteSeconds(),
                of.cpuCost(),
                of.cpuRemainder(),
                of.memoryCost(),
                of.memoryRemainder()));
  }

  private static void line(StringBuilder out, Object... fields) {
    for (int i = 0; i < fields.length; i++) {
      out.append(i == 0 ? "" : "\t").append(fields[i]);
    }
    out.append('\n');
  }

  /**
   * Reads.
   *
   * @throws IllegalArgumentException if it is not a whole state of this version
   */
  public static MeterState read(String text) {
    List<String> lines = text.lines().toList();
    if (lines.isEmpty() || !lines.getFirst().equals(HEADER) || !lines.getLast().equals("end")) {
      throw new IllegalArgumentException("not a whole state of the meter, version 1");
    }
    var reader = new Reader();
    try {
      lines.subList(1, lines.size() - 1).forEach(line -> reader.take(line.split("\t", -1)));
    } catch (IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("a line of the meter's state lacks a field", e);
    }
    return reader.state();
  }

  private static final class Reader {
    private final List<PodState> pods = new ArrayList<>();
    private final List<MonthState> months = new ArrayList<>();
    private @Nullable String month;
    private Map<UsageKey, Amounts> since = new LinkedHashMap<>();
    private List<OpenWrite> writes = new ArrayList<>();

    /** Where charges go now. */
    private Map<UsageKey, Amounts> into = since;

    private int page = -1;
    private long sequence;

    void take(String[] fields) {
      switch (fields[0]) {
        case "pod" ->
            pods.add(
                new PodState(
                    fields[1],
                    new Reading(
                        number(fields, 2), number(fields, 3), number(fields, 4), number(fields, 5)),
                    number(fields, 6),
                    null,
                    new Waiting(number(fields, 7), number(fields, 8)),
                    number(fields, 9) == 1));
        case "owner" -> {
          PodState pod = pods.removeLast();
          pods.add(
              new PodState(
                  pod.uid(),
                  pod.last(),
                  pod.memoryRemainder(),
                  new Owner(key(fields), number(fields, 4)),
                  pod.waiting(),
                  pod.ended()));
        }
        case "month" -> {
          endMonth();
          month = fields[1];
        }
        case "write" -> {
          endWrite();
          page = Math.toIntExact(number(fields, 1));
          sequence = number(fields, 2);
          into = new LinkedHashMap<>();
        }
        case "charge" ->
            into.put(
                key(fields),
                new Amounts(
                    number(fields, 4),
                    number(fields, 5),
                    number(fields, 6),
                    number(fields, 7),
                    number(fields, 8),
                    number(fields, 9)));
        default -> throw new IllegalArgumentException("unknown line '" + fields[0] + "'");
      }
    }

    MeterState state() {
      endMonth();
      return new MeterState(pods, months);
    }

    private void endWrite() {
      if (page >= 0) {
        writes.add(new OpenWrite(page, sequence, into));
        page = -1;
      }
    }

    private void endMonth() {
      endWrite();
      if (month != null) {
        months.add(new MonthState(month, since, writes));
      }
      since = new LinkedHashMap<>();
      writes = new ArrayList<>();
      into = since;
    }

    private static UsageKey key(String[] fields) {
      return new UsageKey(fields[1], fields[2], fields[3]);
    }

    private static long number(String[] fields, int at) {
      return Long.parseLong(fields[at]);
    }
  }
}

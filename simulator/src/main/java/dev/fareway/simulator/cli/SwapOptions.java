package dev.fareway.simulator.cli;

import dev.fareway.simulator.machine.SwapDevice;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** What machines swap to. */
final class SwapOptions {
  private static final Pattern SPEEDS = Pattern.compile("([1-9][0-9]{0,6})/([1-9][0-9]{0,6})");

  @Option(
      names = "--swap-gb",
      paramLabel = "X",
      defaultValue = "500",
      description = "Swap of each machine that swaps (default: ${DEFAULT-VALUE}).")
  double gigabytes;

  @Option(
      names = "--swap-device",
      paramLabel = "NAME",
      defaultValue = "free",
      description =
          "What the device costs: free (the paper), sata, nvme, or READ/WRITE in MB/s (default: ${DEFAULT-VALUE}).")
  String device = "";

  /**
   * The device.
   *
   * @throws picocli.CommandLine.ParameterException naming the option that is wrong
   */
  SwapDevice device(CommonOptions common) {
    common.within("--swap-gb", gigabytes, 0, 1e6);
    long sizeBytes = Math.round(gigabytes * 1e9);
    return switch (device) {
      case "free" -> SwapDevice.free(sizeBytes);
      case "sata" -> SwapDevice.sata(sizeBytes);
      case "nvme" -> SwapDevice.nvme(sizeBytes);
      default -> {
        Matcher speeds = SPEEDS.matcher(device);
        if (!speeds.matches()) {
          throw common.bad(
              "--swap-device is '%s': it must be free, sata, nvme, or READ/WRITE in MB/s, as 550/500"
                  .formatted(device));
        }
        yield new SwapDevice(
            sizeBytes, megabytes(speeds.group(1)), megabytes(speeds.group(2)), 100_000);
      }
    };
  }

  private static long megabytes(String digits) {
    return Long.parseLong(digits, 10) * 1_000_000L;
  }
}

package dev.fareway.operator.dispatcher;

/** Reads what a daemon says of its node. It may say what it likes: numbers are made to fit. */
final class NodeReports {
  private static final int MOST_TEXT = 32;

  private NodeReports() {}

  static NodeReport of(dev.fareway.protocol.v1.NodeReport said) {
    return new NodeReport(
        Math.max(0, said.getFunctions()),
        amount(said.getMemoryTotalBytes()),
        amount(said.getMemoryAvailableBytes()),
        text(said.getMemoryState()),
        amount(said.getSwapTotalBytes()),
        amount(said.getSwapUsedBytes()),
        amount(said.getFunctionsSwappedBytes()));
  }

  /** Unsigned on the wire. */
  private static long amount(long bytes) {
    return bytes < 0 ? Long.MAX_VALUE : bytes;
  }

  private static String text(String said) {
    return said.length() <= MOST_TEXT ? said : said.substring(0, MOST_TEXT);
  }
}

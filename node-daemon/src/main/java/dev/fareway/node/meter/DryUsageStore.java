package dev.fareway.node.meter;

import dev.fareway.node.core.meter.UsageStore;

/** For a dry run: takes everything and keeps nothing. */
public final class DryUsageStore implements UsageStore {
  /** A store that keeps nothing. */
  public DryUsageStore() {}

  @Override
  public Stored read(String month, int page) {
    return new Stored.Absent();
  }

  @Override
  public Written write(String month, int page, Page content) {
    return new Written.Done();
  }
}

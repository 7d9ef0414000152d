package dev.fareway.node.core.meter;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A write of one page of a month to be carried out.
 *
 * @param content the whole page
 * @param charges what it has that the stored page hasn't
 */
public record UsageWrite(
    String month, int page, UsageStore.Page content, Map<UsageKey, Amounts> charges) {
  public UsageWrite {
    charges = Collections.unmodifiableMap(new LinkedHashMap<>(charges));
  }
}

package dev.fareway.operator.budget;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The UIDs of the objects that were deleted last: for whoever has begun with one before, and ends
 * after. So long nobody is busy with one object that more than a thousand others go. Thread-safe.
 */
final class RecentlyGone {
  private static final int MOST = 1000;

  private final Set<String> uids =
      Collections.synchronizedSet(
          Collections.newSetFromMap(
              new LinkedHashMap<>() {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                  return size() > MOST;
                }
              }));

  /** It is gone. */
  void add(@Nullable String uid) {
    if (uid != null) {
      uids.add(uid);
    }
  }

  /** Whether it is. */
  boolean contains(@Nullable String uid) {
    return uid != null && uids.contains(uid);
  }
}

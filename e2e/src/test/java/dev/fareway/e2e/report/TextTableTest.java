package dev.fareway.e2e.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import org.junit.jupiter.api.Test;

class TextTableTest {
  @Test
  void table_isReadableAt88Columns() {
    String table = TextTable.of(Results.good());

    assertEquals(
        """
                              ----- crowded ------  ----- Fareway ------  ----- unloaded -----
        milliseconds phase       p50    p95    p99     p50    p95    p99     p50    p95    p99

        interactive  before     10.0   19.0   19.8    10.0   19.0   19.8    10.0   19.0   19.8
                     spike       100    190    198    10.0   19.0   19.8    10.0   19.0   19.8
                     after       100    190    198    10.0   19.0   19.8    10.0   19.0   19.8

        batch        before      200    380    396     200    380    396
                     spike     4,000  7,600  7,920   4,000  7,600  7,920
                     after     4,500  8,550  8,910   4,500  8,550  8,910
        """,
        table);
    assertTrue(table.lines().allMatch(line -> line.length() <= 88));
  }

  @Test
  void figures_keepThreeDigits_whateverTheLocale() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      assertEquals("0.12", Figures.millis(0.123));
      assertEquals("9.99", Figures.millis(9.99));
      assertEquals("12.3", Figures.millis(12.34));
      assertEquals("1,235", Figures.millis(1234.6));
      assertEquals("-", Figures.millis(Double.NaN));
      assertEquals("12.3", Figures.factor(12.34));
    } finally {
      Locale.setDefault(before);
    }
  }
}

package dev.fareway.e2e.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class ReportPageTest {
  @Test
  void page_needsNothingElse() {
    String page = ReportPage.of(Results.good());

    for (String outside : List.of("src=", "href=", "url(", "@import", "http:", "https:")) {
      assertFalse(page.contains(outside), outside);
    }
  }

  @Test
  void page_hasAPlotForEachClass_thatIsWellFormed() throws Exception {
    String page = ReportPage.of(Results.good());

    Matcher plots = Pattern.compile("<svg.*?</svg>", Pattern.DOTALL).matcher(page);
    int count = 0;
    while (plots.find()) {
      Document svg =
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(new InputSource(new StringReader(plots.group())));
      assertEquals(1, svg.getElementsByTagName("rect").getLength());
      // A class that takes part in a run has its dots and its line.
      int paths = svg.getElementsByTagName("path").getLength();
      int grid = plots.group().split("class=\"grid\"", -1).length - 1;
      assertEquals(count == 0 ? 6 : 4, paths - grid);
      count++;
    }
    assertEquals(2, count);
  }

  @Test
  void page_tellsVerdictPricesAndEnforcement() {
    String page = ReportPage.of(Results.good());

    assertTrue(page.contains(Results.good().verdict().sentence()));
    assertTrue(page.contains("2 µ¢ per CPU second"));
    assertTrue(page.contains("0.5 µ¢ per CPU second"));
    assertTrue(page.contains("RealTime (SCHED_FIFO is allowed &amp; used)."));
    assertTrue(page.contains("1 × home-page on here, 2 × image-processing on here"));
    assertFalse(page.contains("class=\"warning\""));
    assertTrue(ReportPage.of(Results.result(1)).contains("class=\"warning\""));
  }

  @Test
  void page_isTheSame_whateverTheLocale() {
    String page = ReportPage.of(Results.good());
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG"));
    try {
      assertEquals(page, ReportPage.of(Results.good()));
    } finally {
      Locale.setDefault(before);
    }
  }
}

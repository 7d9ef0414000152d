package dev.fareway.e2e.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BrowserTest {
  private static final URI PAGE = URI.create("http://127.0.0.1:9490/console/");

  @Test
  void page_isOpened_whereThereIsADisplay() {
    List<String> opens = List.of("xdg-open", PAGE.toString());

    assertEquals(opens, Browser.command(PAGE, Map.of("DISPLAY", ":0")));
    assertEquals(opens, Browser.command(PAGE, Map.of("WAYLAND_DISPLAY", "wayland-0")));
  }

  @Test
  void page_isNotOpened_whereThereIsNone() {
    assertEquals(List.of(), Browser.command(PAGE, Map.of()));
    assertEquals(List.of(), Browser.command(PAGE, Map.of("DISPLAY", "")));
  }
}

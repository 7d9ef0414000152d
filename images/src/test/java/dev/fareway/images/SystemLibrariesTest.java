package dev.fareway.images;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class SystemLibrariesTest {
  @Test
  void loadersWords_areReadToPaths() {
    assertEquals(
        List.of(
            "/jdk/bin/../lib/libjli.so",
            "/lib/x86_64-linux-gnu/libc.so.6",
            "/lib64/ld-linux-x86-64.so.2"),
        SystemLibraries.parse(
            """
            /jdk/bin/java:
            \tlinux-vdso.so.1 (0x00007f6ca04fe000)
            \tlibjli.so => /jdk/bin/../lib/libjli.so (0x00007f6ca04d4000)
            \tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f6ca02e6000)
            \t/lib64/ld-linux-x86-64.so.2 (0x00007f6ca0500000)
            \tlibjvm.so => not found
            \tstatically linked
            """));
  }
}

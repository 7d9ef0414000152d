package dev.fareway.node.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On plain files: what a cgroup's interface files do beyond is the kernel's. */
class CgroupSettingsTest {

  private static final String FILE = "cpu.weight";

  @TempDir Path cgroup = Path.of("");

  private String now() throws IOException {
    return Files.readString(cgroup.resolve(FILE)).strip();
  }

  private void kubeletWrites(String value) throws IOException {
    Files.writeString(cgroup.resolve(FILE), value + "\n");
  }

  @Test
  void restore_putsBackWhatWasThere_whicheverDaemonSetIt() throws IOException {
    kubeletWrites("39");
    var earlier = new CgroupSettings();
    assertTrue(earlier.set(cgroup, FILE, "100", "100"));
    assertTrue(earlier.set(cgroup, FILE, "10000", "10000"));
    assertFalse(earlier.set(cgroup, FILE, "10000", "10000"));
    assertEquals("10000", now());

    earlier.restore(cgroup, FILE);

    assertEquals("39", now());
    assertFalse(earlier.isSet(cgroup, FILE));
  }

  @Test
  void restore_putsBackTheKubeletsLatestWord() throws IOException {
    kubeletWrites("39");
    var settings = new CgroupSettings();
    settings.set(cgroup, FILE, "100", "100");
    kubeletWrites("79");
    assertTrue(settings.set(cgroup, FILE, "100", "100"));

    settings.restore(cgroup, FILE);

    assertEquals("79", now());
  }

  @Test
  void restore_doesNothing_whenNothingWasSet() throws IOException {
    kubeletWrites("39");
    var settings = new CgroupSettings();
    settings.set(cgroup, FILE, "39", "39");

    settings.restore(cgroup, FILE);

    assertEquals("39", now());
  }

  @Test
  void set_isQuiet_whenTheCgroupIsGone() throws IOException {
    assertFalse(new CgroupSettings().set(cgroup.resolve("gone"), FILE, "1", "1"));
  }
}

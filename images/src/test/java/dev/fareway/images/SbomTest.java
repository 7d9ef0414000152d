package dev.fareway.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SbomTest {
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  @TempDir
  private Path folder;

  private static Sbom sbom() throws IOException {
    return Sbom.of(
        new ObjectMapper()
            .readTree(
                """
                {"bomFormat": "CycloneDX", "components": [
                  {"type": "library", "group": "io.netty", "name": "netty-epoll", "version": "4.1",
                   "purl": "pkg:maven/io.netty/netty-epoll@4.1?classifier=linux-x86_64&type=jar",
                   "licenses": [{"license": {"id": "Apache-2.0"}}]},
                  {"type": "library", "group": "a", "name": "b", "version": "1",
                   "licenses": [{"license": {"name": "Own licence"}}, {"expression": "MIT OR BSD-2-Clause"}]},
                  {"type": "library", "name": "c", "version": "2"}]}
                """),
        "test");
  }

  private Path jar(String name) throws IOException {
    return Files.writeString(folder.resolve(name), "x");
  }

  @Test
  void jars_areFoundByAnyNameThatBuildsGiveThem() throws IOException {
    Sbom sbom = sbom();

    assertEquals(
        List.of("stray-1"),
        sbom.addUnnamed(
            List.of(
                jar("io.netty.netty-epoll-4.1-linux-x86_64.jar"),
                jar("netty-epoll-4.1-linux-x86_64.jar"),
                jar("a.b-1.jar"),
                jar("c-2.jar"),
                jar("stray-1.jar"))));
    sbom.write(folder.resolve("bom.json"));
    assertEquals(
        "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
        new ObjectMapper()
            .readTree(folder.resolve("bom.json").toFile())
            .path("components")
            .path(3)
            .path("hashes")
            .path(0)
            .path("content")
            .asText());
  }

  @Test
  void licences_areListedByComponent() throws IOException {
    assertEquals(
        List.of(
            "a:b 1: Own licence, MIT OR BSD-2-Clause",
            "c 2: not stated",
            "io.netty:netty-epoll 4.1: Apache-2.0"),
        sbom().licences());
  }

  @Test
  void runtimeAndSystemLibraries_areNamed() throws IOException {
    Sbom sbom = sbom();
    sbom.addRuntime("Somebody", "25+1");
    sbom.addSystemLibraries(new SystemLibraries(Map.of("/lib/libx.so", jar("libx.so"))));

    assertEquals(
        "openjdk 25+1: GPL-2.0-only WITH Classpath-exception-2.0",
        sbom.licences().stream().filter(line -> line.startsWith("openjdk")).findFirst().orElse(""));
    assertEquals(5, sbom.licences().size());
  }

  @Test
  void anythingElse_isRefused() {
    assertThrows(
        ImagesException.class, () -> Sbom.of(new ObjectMapper().createObjectNode(), "test"));
    assertThrows(ImagesException.class, () -> Sbom.read(folder.resolve("none")));
  }
}

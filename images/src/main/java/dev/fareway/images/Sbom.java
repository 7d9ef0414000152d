package dev.fareway.images;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A CycloneDX bill of materials, as the Maven plugin has written it for a module, made complete for
 * an image. Not thread-safe.
 */
final class Sbom {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ObjectNode document;

  private Sbom(ObjectNode document) {
    this.document = document;
  }

  /**
   * Reads one.
   *
   * @throws ImagesException if it is not there
   */
  static Sbom read(Path file) {
    try {
      return of(JSON.readTree(file.toFile()), file.toString());
    } catch (IOException e) {
      throw new ImagesException(
          "The bill of materials %s can't be read: build with -Dsbom.".formatted(file), e);
    }
  }

  static Sbom of(JsonNode document, String name) {
    if (document instanceof ObjectNode object
        && object.path("bomFormat").asText().equals("CycloneDX")) {
      return new Sbom(object.deepCopy());
    }
    throw new ImagesException(name + " is no bill of materials of CycloneDX.");
  }

  /** Adds the Java runtime. */
  void addRuntime(String implementor, String version) {
    ObjectNode component = component("platform", "openjdk", version);
    component.put("bom-ref", "java-runtime");
    component.put("publisher", implementor);
    component.put("description", "Java runtime, linked from the JDK of the build machine");
    component
        .putArray("licenses")
        .addObject()
        .put("expression", "GPL-2.0-only WITH Classpath-exception-2.0");
  }

  /** Adds libraries of the system that stand beside it. */
  void addSystemLibraries(SystemLibraries libraries) {
    libraries
        .byPath()
        .forEach(
            (path, file) -> {
              ObjectNode component =
                  component("file", path, Programs.ownerOf(file).orElse("unknown"));
              component.put("bom-ref", "file:" + path);
              hash(component, file);
              component.putArray("licenses").addObject().put("expression", "LGPL-2.1-or-later");
            });
  }

  /**
   * Adds what is in the image and in no component: an image brings nothing that its bill does not
   * name.
   *
   * @return the names of what was added
   */
  List<String> addUnnamed(List<Path> jars) {
    Set<String> named = new HashSet<>();
    for (JsonNode component : document.path("components")) {
      String nameAndVersion =
          component.path("name").asText() + "-" + component.path("version").asText();
      named.add(nameAndVersion);
      named.add(component.path("group").asText() + "." + nameAndVersion);
      // A jar may be named with its classifier behind, which the identifier tells.
      String purl = component.path("purl").asText();
      int classifier = purl.indexOf("classifier=");
      if (classifier >= 0) {
        String of = purl.substring(classifier + "classifier=".length()).replaceFirst("&.*", "");
        named.add(nameAndVersion + "-" + of);
        named.add(component.path("group").asText() + "." + nameAndVersion + "-" + of);
      }
    }
    var added = new ArrayList<String>();
    for (Path jar : jars) {
      String name = jar.getFileName().toString().replaceFirst("\\.jar$", "");
      if (!named.contains(name)) {
        ObjectNode component = component("file", jar.getFileName().toString(), "");
        component.remove("version");
        component.put("bom-ref", "file:" + jar.getFileName());
        hash(component, jar);
        added.add(name);
      }
    }
    return added;
  }

  private ObjectNode component(String type, String name, String version) {
    ArrayNode components =
        document.get("components") instanceof ArrayNode array
            ? array
            : document.putArray("components");
    ObjectNode component = components.addObject();
    component.put("type", type);
    component.put("name", name);
    component.put("version", version);
    return component;
  }

  private static void hash(ObjectNode component, Path file) {
    ObjectNode hash = component.putArray("hashes").addObject();
    hash.put("alg", "SHA-256");
    hash.put("content", sha256(file));
  }

  /** The SHA-256 of a file, in hexadecimal digits. */
  static String sha256(Path file) {
    try (var in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[1 << 16];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw new ImagesException("%s can't be read.".formatted(file), e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** One line for each component, with its licences, in the order of their names. */
  List<String> licences() {
    var lines = new TreeSet<String>();
    for (JsonNode component : document.path("components")) {
      var licences = new ArrayList<String>();
      for (JsonNode choice : component.path("licenses")) {
        JsonNode licence = choice.path("license");
        String words =
            choice.has("expression")
                ? choice.path("expression").asText()
                : licence.path("id").asText(licence.path("name").asText());
        if (!words.isEmpty()) {
          licences.add(words);
        }
      }
      String group = component.path("group").asText();
      lines.add(
          "%s%s %s: %s"
              .formatted(
                  group.isEmpty() ? "" : group + ":",
                  component.path("name").asText(),
                  component.path("version").asText(),
                  licences.isEmpty() ? "not stated" : String.join(", ", licences)));
    }
    return List.copyOf(lines);
  }

  /** Writes it. */
  void write(Path file) {
    var indenter = new DefaultIndenter("  ", "\n");
    try {
      Files.write(
          file,
          JSON.writer(
                  new DefaultPrettyPrinter()
                      .withObjectIndenter(indenter)
                      .withArrayIndenter(indenter))
              .writeValueAsBytes(document));
    } catch (IOException e) {
      throw new ImagesException("%s can't be written.".formatted(file), e);
    }
  }
}

package dev.fareway.crds.validation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fareway.crds.validation.Sample.Refusal;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystemAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files in {@code samples/valid} and {@code samples/invalid}, all of them.
 *
 * <p>A file in {@code invalid} begins with what the user must be told:
 *
 * <pre>{@code
 * # field: spec.pricePerCpuSecond
 * # message: must be more than 0
 * }</pre>
 */
public final class Samples {

  private static final String ENDING = ".yaml";
  private static final Pattern FIELD = Pattern.compile("(?m)^# field: (.+)$");
  private static final Pattern MESSAGE = Pattern.compile("(?m)^# message: (.+)$");
  private static final Pattern SEPARATOR = Pattern.compile("(?m)^---$");

  private Samples() {}

  /** Manifests that must be accepted. */
  public static List<Sample> valid() {
    return read("valid", false);
  }

  /** Manifests that must be refused, each with the reason. */
  public static List<Sample> invalid() {
    return read("invalid", true);
  }

  private static List<Sample> read(String folder, boolean refused) {
    try (Stream<Path> files = Files.list(locate("samples/" + folder))) {
      return files.sorted().map(file -> parse(file, refused)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The folder may be in a jar, which then must be opened as a file system first. */
  private static Path locate(String folder) throws IOException {
    var url = Samples.class.getResource(folder);
    if (url == null) {
      throw new IllegalStateException(folder + " is missing beside " + Samples.class.getName());
    }
    try {
      URI uri = url.toURI();
      if (uri.getScheme().equals("jar")) {
        openOnce(uri);
      }
      return Path.of(uri);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  @SuppressWarnings("resource") // stays open as long as the virtual machine, for all readers
  private static void openOnce(URI uri) throws IOException {
    try {
      FileSystems.newFileSystem(uri, Map.of());
    } catch (FileSystemAlreadyExistsException e) {
      // An earlier call opened it.
    }
  }

  private static Sample parse(Path file, boolean refused) {
    String fileName = file.getFileName().toString();
    if (!fileName.endsWith(ENDING)) {
      throw new IllegalStateException(file + " is no " + ENDING + " file");
    }
    String name = fileName.substring(0, fileName.length() - ENDING.length());
    try {
      String text = Files.readString(file);
      Optional<Refusal> refusal =
          refused
              ? Optional.of(new Refusal(header(FIELD, file, text), header(MESSAGE, file, text)))
              : Optional.empty();
      List<JsonNode> documents =
          SEPARATOR
              .splitAsStream(text)
              .map(document -> Serialization.unmarshal(document, JsonNode.class))
              .toList();
      return new Sample(name, documents, refusal);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String header(Pattern pattern, Path file, String text) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new IllegalStateException(file + " lacks a header like " + pattern);
    }
    return matcher.group(1);
  }
}

package dev.fareway.e2e.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The documents' links lead somewhere, their commands are there, and the reference pages name all
 * that the code has and nothing that it has not.
 */
class DocumentsTest {
  private static final String[] COMPONENTS = {
    "crds/src/main",
    "scheduler-plugin/src/main",
    "node-daemon/src/main",
    "operator/src/main",
    "activator/src/main"
  };

  /** Words in CamelCase that are Kubernetes' and not ours to explain. */
  private static final Set<String> KUBERNETES_WORDS =
      Set.of(
          "AdmissionReview",
          // Decisions as the console shows them, a condition's type, and words of Java and of
          // Kubernetes.
          "BindingFailed",
          "BindingRefused",
          "FarewayEnforcement",
          "NodeUsages",
          "NonAtomicVolatileUpdate",
          "RuntimeDefault",
          "DaemonSet",
          "DoesNotExist",
          "DoNotSchedule",
          "NotIn",
          "NoSchedule",
          "NoExecute",
          "PreferNoSchedule",
          "NodeUsage",
          "PodScheduled",
          "PriceClass",
          "ReplicaSet",
          "UsageReport");

  @Test
  void links_leadSomewhere() {
    var broken = new ArrayList<String>();
    for (Path file : Checkout.pages()) {
      for (String link : MarkdownPage.of(file).links()) {
        if (link.matches("[a-z]+:.*")) {
          continue;
        }
        String[] parts = link.split("#", 2);
        Path target = parts[0].isEmpty() ? file : file.resolveSibling(parts[0]).normalize();
        boolean found = Files.exists(target);
        if (found && parts.length == 2) {
          found = MarkdownPage.of(target).anchors().contains(parts[1]);
        }
        if (!found) {
          broken.add("%s: %s".formatted(Checkout.ROOT.relativize(file), link));
        }
      }
    }

    assertEquals(List.of(), broken);
  }

  /** Nobody finds a page that no other leads to. */
  @Test
  void pages_areFoundFromTheFirst() {
    var found = new HashSet<Path>();
    var toRead = new ArrayDeque<Path>(List.of(Checkout.ROOT.resolve("README.md")));
    while (!toRead.isEmpty()) {
      Path page = toRead.remove();
      if (!found.add(page)) {
        continue;
      }
      for (String link : MarkdownPage.of(page).links()) {
        Path target = page.resolveSibling(link.split("#", 2)[0]).normalize();
        if (target.toString().endsWith(".md") && Files.exists(target)) {
          toRead.add(target);
        }
      }
    }
    List<Path> lost =
        Checkout.pages().stream()
            .filter(page -> !found.contains(page))
            .map(Checkout.ROOT::relativize)
            // Decisions are found by their folder.
            .filter(page -> page.startsWith("docs") && !page.startsWith("docs/decisions"))
            .toList();

    assertEquals(List.of(), lost);
  }

  @Test
  void commands_areThoseOfTheLauncher() {
    Set<String> verbs = Checkout.inFile("(?m)^  ([a-z0-9]+)\\)$", "fareway");
    verbs.addAll(Checkout.inFile("(?m)^  ([a-z]+) \\|", "fareway"));
    var unknown = new ArrayList<String>();
    var used = new TreeSet<String>();
    for (Path file : Checkout.pages()) {
      for (String command : MarkdownPage.of(file).commands()) {
        var call = Pattern.compile("\\./fareway +([a-z0-9]+)").matcher(command);
        while (call.find()) {
          used.add(call.group(1));
          if (!verbs.contains(call.group(1))) {
            unknown.add("%s: %s".formatted(Checkout.ROOT.relativize(file), command));
          }
        }
      }
    }

    assertEquals(List.of(), unknown);
    assertTrue(used.contains("demo"), "no page calls the launcher: is this test looking at them?");
  }

  @Test
  void chartValues_ofCommands_areThere() {
    JsonNode values =
        Serialization.unmarshal(Checkout.read("helm/fareway/values.yaml"), JsonNode.class);
    var unknown = new ArrayList<String>();
    for (Path file : Checkout.pages()) {
      for (String command : MarkdownPage.of(file).commands()) {
        var set = Pattern.compile("--set(?:-string)? ([\\w.]+)=").matcher(command);
        while (command.contains("helm/fareway") && set.find()) {
          if (values.at("/" + set.group(1).replace('.', '/')).isMissingNode()) {
            unknown.add("%s: %s".formatted(Checkout.ROOT.relativize(file), set.group(1)));
          }
        }
      }
    }

    assertEquals(List.of(), unknown);
  }

  @Test
  void resources_areAsTheManifestsSay() throws IOException {
    isUpToDate("docs/reference/resources.md", ResourceReference.generate());
  }

  @Test
  void flags_areAsTheSourcesSay() throws IOException {
    String flags = FlagReference.generate();

    isUpToDate("docs/reference/flags.md", flags);
    // One of each kind: the reader of the sources has found them.
    for (String known : List.of("`fareway.poll.k`", "`--mode MODE`", "`--http-port PORT`")) {
      assertTrue(flags.contains(known), known);
    }
  }

  private static void isUpToDate(String path, String expected) throws IOException {
    Path page = Checkout.ROOT.resolve(path);
    if ("write".equals(System.getProperty("fareway.docs"))) {
      Files.writeString(page, expected);
    }

    assertEquals(
        expected, Files.readString(page), path + " is stale; its head says how to write it anew");
  }

  @Test
  void metrics_areAllInTheReference_andNoOthers() {
    SortedSet<String> exported =
        Checkout.inSources(
            "\"(fareway\\.(?!dev\\b|home\\b|offline\\b|token\\b|meter\\b)[a-z.]+)\"",
            "operator/src/main");
    exported.addAll(Checkout.inSources("\\b(fareway_[a-z_]+)\\b", "node-daemon/src/main"));
    exported.addAll(Checkout.inSources("\\b(fareway_[a-z_]+)\\b", "activator/src/main"));

    assertEquals(
        plain(exported),
        plain(Checkout.inFile("(?m)^\\| `(fareway_[a-z_]+)`", "docs/reference/metrics.md")));
  }

  /** Without the units, which Micrometer adds, and the parts of a histogram. */
  private static Set<String> plain(Set<String> metrics) {
    var plain = new TreeSet<String>();
    for (String metric : metrics) {
      plain.add(
          metric
              .replace('.', '_')
              .replaceFirst("_(bucket|sum|count)$", "")
              .replaceFirst("_total$", "")
              .replaceFirst("_seconds$", ""));
    }
    return plain;
  }

  @Test
  void annotations_areAllInTheReference_andNoOthers() {
    SortedSet<String> used =
        Checkout.inSources(
            "\"(fareway\\.dev/(?!budgets\"|admission\"|node-daemon\")[a-z-]+)\"", COMPONENTS);
    for (String key :
        Checkout.inSources("GROUP \\+ \"(/(?!budgets\"|admission\")[a-z-]+)\"", COMPONENTS)) {
      used.add("fareway.dev" + key);
    }

    assertEquals(
        used,
        Checkout.inFile("(?m)^\\| `(fareway\\.dev/[a-z-]+)`", "docs/reference/annotations.md"));
  }

  @Test
  void reasonsOfEventsAndConditions_areAllInTheReference_andNoOthers() {
    SortedSet<String> words =
        Checkout.inSources(
            "\"([A-Z][a-z]+(?:[A-Z][a-z]+)+)\"",
            "operator/src/main/java/dev/fareway/operator",
            "node-daemon/src/main/java/dev/fareway/node/daemon",
            "node-daemon/src/main/java/dev/fareway/node/core");
    words.removeAll(KUBERNETES_WORDS);
    SortedSet<String> told =
        Checkout.inFile("(?m)^\\| `([A-Z][A-Za-z]+)`", "docs/reference/events.md");
    SortedSet<String> literals =
        Checkout.inSources("\"([A-Z][A-Za-z]+)\"", "operator/src/main", "node-daemon/src/main");

    var missing = new TreeSet<>(words);
    missing.removeAll(told);
    assertEquals(Set.of(), missing, "docs/reference/events.md does not tell of these");
    var stale = new TreeSet<>(told);
    stale.removeAll(literals);
    assertEquals(Set.of(), stale, "docs/reference/events.md tells of these, the code does not");
  }
}

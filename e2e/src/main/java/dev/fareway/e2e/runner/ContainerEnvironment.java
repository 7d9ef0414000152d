package dev.fareway.e2e.runner;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.ObjectFieldSelector;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a container's process is started with. */
final class ContainerEnvironment {

  private static final Pattern REFERENCE = Pattern.compile("\\$\\(([A-Za-z_][A-Za-z0-9_.-]*)\\)");
  private static final Pattern MAP_ELEMENT =
      Pattern.compile("metadata\\.(labels|annotations)\\['([^']+)'\\]");
  private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private ContainerEnvironment() {}

  /**
   * Its environment variables: a path, the host name, and what the container asks for.
   *
   * @throws IllegalArgumentException if it takes a value from what a runner doesn't have
   */
  static Map<String, String> variables(Pod pod, Container container) {
    Map<String, String> result = new LinkedHashMap<>();
    result.put("PATH", PATH);
    result.put("HOSTNAME", pod.getMetadata().getName());
    for (EnvVar variable : container.getEnv()) {
      result.put(variable.getName(), value(pod, variable, result));
    }
    return result;
  }

  private static String value(Pod pod, EnvVar variable, Map<String, String> before) {
    var source = variable.getValueFrom();
    if (source == null) {
      return variable.getValue() == null ? "" : expand(variable.getValue(), before);
    }
    ObjectFieldSelector field = source.getFieldRef();
    return Optional.ofNullable(field)
        .flatMap(selector -> field(pod, selector.getFieldPath()))
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "environment variable "
                        + variable.getName()
                        + " takes its value from what the process runner doesn't have"));
  }

  private static Optional<String> field(Pod pod, String path) {
    Matcher element = MAP_ELEMENT.matcher(path);
    if (element.matches()) {
      var map =
          element.group(1).equals("labels")
              ? pod.getMetadata().getLabels()
              : pod.getMetadata().getAnnotations();
      return Optional.of(map.getOrDefault(element.group(2), ""));
    }
    return switch (path) {
      case "metadata.name" -> Optional.of(pod.getMetadata().getName());
      case "metadata.namespace" -> Optional.of(pod.getMetadata().getNamespace());
      case "metadata.uid" -> Optional.of(pod.getMetadata().getUid());
      case "spec.nodeName" -> Optional.of(pod.getSpec().getNodeName());
      case "status.podIP", "status.hostIP" -> Optional.of(PodStatuses.ADDRESS);
      default -> Optional.empty();
    };
  }

  /** Its command and arguments, with references to variables replaced. */
  static List<String> command(Container container, Map<String, String> variables) {
    List<String> result = new ArrayList<>();
    container.getCommand().forEach(word -> result.add(expand(word, variables)));
    container.getArgs().forEach(word -> result.add(expand(word, variables)));
    return result;
  }

  /** {@code $(NAME)} becomes the value where there is one. */
  private static String expand(String text, Map<String, String> variables) {
    return REFERENCE
        .matcher(text)
        .replaceAll(
            match ->
                Matcher.quoteReplacement(variables.getOrDefault(match.group(1), match.group())));
  }
}

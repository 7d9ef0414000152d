package dev.fareway.cli.command;

import dev.fareway.cli.cluster.ClusterReader;
import dev.fareway.cli.view.PodFacts;
import dev.fareway.cli.view.PriceList;
import dev.fareway.cli.view.Top;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "top",
    header = "Functions by class: instances, CPU, memory, swap, and what an hour of that costs.",
    description = {
      "",
      "Dearest class first. CPU, memory and swap are what the kubelets say of this moment; who may not ask"
          + " them sees what the metrics API says, without swap. COST/HOUR is what an hour like this moment"
          + " would cost: CPU at the price of the class that it runs in, memory at the cluster's memory price.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  kubectl fareway top                 functions of the current namespace",
      "  kubectl fareway top -A --classes    one line per class, over the whole cluster",
      "  kubectl fareway top -A -o json | jq '.functions | max_by(.costPerHour | tonumber)'"
    })
final class TopCommand extends ClusterCommand {
  @SuppressWarnings("NullAway.Init") // picocli sets it
  @Mixin
  private ScopeOptions scope;

  @Option(names = "--classes", description = "One line per class, not per function.")
  private boolean classes;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "table or json. Default: ${DEFAULT-VALUE}.")
  private TableOrJson output = TableOrJson.table;

  TopCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  String print(ClusterReader cluster) {
    var reads = new Reads(cluster);
    Optional<String> namespace = scope.namespace(cluster.contextNamespace());
    PriceList prices = reads.prices();
    List<PodFacts> pods = reads.functionPods(namespace);
    var nodes = new TreeSet<String>();
    pods.stream().filter(PodFacts::isPlaced).forEach(pod -> nodes.add(pod.node()));
    Optional<Long> memoryPrice = reads.memoryPrice();
    Top top =
        Top.of(
            pods,
            reads.namespaces(pods),
            prices,
            new UseReads(cluster, this::note).read(nodes, namespace).pods(),
            memoryPrice);
    if (memoryPrice.isEmpty() && !pods.isEmpty()) {
      note(
          "The price of memory is not known (it stands in the node daemons' DaemonSet): COST/HOUR is for CPU alone.");
    }
    if (pods.isEmpty()) {
      note(
          "There are no functions%s.%s"
              .formatted(
                  namespace.map(of -> " in namespace " + of).orElse(""),
                  namespace.isPresent() ? " -A looks in all namespaces." : ""));
    }
    return output == TableOrJson.json
        ? top.json()
        : classes ? top.byClass().table(false) : top.table(true);
  }
}

package dev.fareway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fareway.cli.cluster.ClusterReader;
import dev.fareway.cli.view.Nodes;
import dev.fareway.cli.view.PodFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "nodes",
    header = "Nodes: what is enforced on each, how many instances it has, how full it is.",
    description = {
      "",
      "ENFORCEMENT is what the node's daemon says (the condition FarewayEnforcement): RealTime, Weighted,"
          + " DryRun, Off, Unavailable; NoDaemon where none has said anything. CPU and MEMORY are what is used of"
          + " what is allocatable, SWAP what is used of what there is.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  kubectl fareway nodes            all nodes",
      "  kubectl fareway nodes -o wide    with instances by class, and why enforcement is as it is"
    })
final class NodesCommand extends ClusterCommand {
  private enum Format {
    table,
    wide,
    json
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "table, wide or json. Default: ${DEFAULT-VALUE}.")
  private Format output = Format.table;

  NodesCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  String print(ClusterReader cluster) {
    var reads = new Reads(cluster);
    var prices = reads.prices();
    var nodes = new ArrayList<JsonNode>();
    cluster.list("/api/v1/nodes", nodes::add);
    List<PodFacts> pods = reads.functionPods(Optional.empty());
    var names = new TreeSet<String>();
    nodes.forEach(node -> names.add(node.path("metadata").path("name").asText()));
    Nodes view =
        Nodes.of(
            nodes,
            pods,
            reads.namespaces(pods),
            prices,
            new UseReads(cluster, this::note).read(names, Optional.empty()).nodes());
    return output == Format.json ? view.json() : view.table(output == Format.wide);
  }
}

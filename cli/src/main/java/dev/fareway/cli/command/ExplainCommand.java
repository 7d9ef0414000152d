package dev.fareway.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fareway.cli.cluster.ClusterReader;
import dev.fareway.cli.view.BudgetFacts;
import dev.fareway.cli.view.EventFacts;
import dev.fareway.cli.view.Explanation;
import dev.fareway.cli.view.Explanation.NodeFacts;
import dev.fareway.cli.view.PodFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "explain",
    header = "Why a pod is where it is, or why it waits.",
    description = {
      "",
      "Says which price class the pod is in and what says so, where it is or why it is nowhere yet, which"
          + " budgets have something in force for it, whether its class is enforced on its node, and what can be"
          + " done. What you may not read is left out.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  kubectl fareway explain checkout-7d9f8-x2x9l",
      "  kubectl fareway explain pod/checkout-7d9f8-x2x9l -n shop -o json | jq -r .verdict"
    })
final class ExplainCommand extends ClusterCommand {
  @SuppressWarnings("NullAway.Init") // picocli sets it
  @Parameters(paramLabel = "POD", description = "The pod's name, or pod/NAME.")
  private String pod;

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAME",
      description = "The pod's namespace. Default: the one that the context names.")
  private @Nullable String namespace;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "table or json. Default: ${DEFAULT-VALUE}.")
  private TableOrJson output = TableOrJson.table;

  ExplainCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  String print(ClusterReader cluster) {
    String where = namespace == null ? cluster.contextNamespace() : namespace;
    String name = pod.replaceFirst("^(po|pods?)/", "");
    var reads = new Reads(cluster);
    String folder = "/api/v1/namespaces/" + Reads.encoded(where);
    PodFacts facts = PodFacts.read(cluster.get(folder + "/pods/" + Reads.encoded(name)));
    var prices = reads.prices();
    List<BudgetFacts> budgets =
        reads.optionalList(Reads.OURS + "namespaces/" + Reads.encoded(where) + "/budgets").stream()
            .filter(budget -> BudgetFacts.selects(budget, facts.labels()))
            .map(BudgetFacts::read)
            .toList();
    var events = new ArrayList<EventFacts>();
    for (JsonNode event :
        reads.optionalList(
            folder
                + "/events?fieldSelector="
                + Reads.encoded("involvedObject.uid=" + facts.uid()))) {
      events.add(EventFacts.read(event));
    }
    Optional<NodeFacts> node =
        facts.isPlaced()
            ? reads.optional("/api/v1/nodes/" + Reads.encoded(facts.node())).map(NodeFacts::read)
            : Optional.empty();
    Explanation explanation =
        Explanation.of(
            facts,
            reads.namespace(where),
            prices,
            budgets,
            node,
            events,
            facts.isPlaced() ? Optional.empty() : reads.operatorReady(),
            surroundings().clock().instant());
    return output == TableOrJson.json ? explanation.json() : explanation.text();
  }
}

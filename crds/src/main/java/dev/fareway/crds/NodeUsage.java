package dev.fareway.crds;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * What functions used on one node in one calendar month: counters that only grow.
 *
 * <p>Cluster-scoped, named {@code <node>.<month>}, written by that node's daemon alone. So the sum
 * over all of them is right whatever crashes, and nothing is counted twice.
 */
@JsonClassDescription(
    "What functions used on one node in one calendar month, as counters that only grow. "
        + "Written by the node alone; budgets and bills are computed from these.")
@Group(Fareway.GROUP)
@Version(Fareway.VERSION)
@Kind("NodeUsage")
@Singular("nodeusage")
@Plural("nodeusages")
@ShortNames("nu")
@Categories(Fareway.CATEGORY)
@ValidationRule(
    value =
        // string(page) would cost more than the API server lets a rule: its length has no bound.
        "self.spec.page == 0 ? self.metadata.name == self.spec.node + '.' + self.spec.month"
            + " : self.metadata.name.startsWith(self.spec.node + '.' + self.spec.month + '.')"
            + " && self.metadata.name.matches('[.][1-9][0-9]{0,3}$')",
    message =
        "metadata.name must be spec.node and spec.month with a dot between, and spec.page after a dot unless it is 0")
@AdditionalPrinterColumn(
    name = "Node",
    jsonPath = ".spec.node",
    type = AdditionalPrinterColumn.Type.STRING,
    getDescription = "The node")
@AdditionalPrinterColumn(
    name = "Month",
    jsonPath = ".spec.month",
    type = AdditionalPrinterColumn.Type.STRING,
    getDescription = "The calendar month, in UTC")
@AdditionalPrinterColumn(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE,
    getDescription = "Time since it was created")
public class NodeUsage extends CustomResource<NodeUsageSpec, NodeUsageStatus> {

  /** An empty object, to be filled by setters or by Jackson. */
  public NodeUsage() {}

  /**
   * The name of an object, such as {@code worker-1.2026-11} for the first page of a node's month
   * and {@code worker-1.2026-11.1} for the second.
   */
  public static String nameOf(String node, String month, int page) {
    return node + "." + month + (page == 0 ? "" : "." + page);
  }
}

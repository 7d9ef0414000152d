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
 * A price per CPU second that functions can choose, and with it their rank against one another.
 *
 * <p>Cluster-scoped: the provider of the cluster offers a fixed set of them, like instance types.
 * The status is written by the operator alone.
 */
@JsonClassDescription(
    "A price per CPU second that functions can choose, and with it their rank: whoever "
        + "pays more goes first in the queue, on the CPUs and in memory. The provider of the "
        + "cluster offers a fixed set of price classes; a function names one with the "
        + "annotation fareway.dev/price-class.")
@Group(Fareway.GROUP)
@Version(Fareway.VERSION)
@Kind("PriceClass")
@Singular("priceclass")
@Plural("priceclasses")
@ShortNames({"pc", "fpc"})
@Categories(Fareway.CATEGORY)
@ValidationRule(
    value =
        "size(self.metadata.name) <= 63 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
    message =
        "metadata.name must be at most 63 lower-case letters, digits and '-': functions name their class in a label")
@AdditionalPrinterColumn(
    name = "Price",
    jsonPath = ".spec.pricePerCpuSecond",
    type = AdditionalPrinterColumn.Type.STRING,
    getDescription = "Price of one CPU second in the cluster's currency unit")
@AdditionalPrinterColumn(
    name = "Default",
    jsonPath = ".spec.default",
    type = AdditionalPrinterColumn.Type.BOOLEAN,
    priority = 1,
    getDescription = "Whether functions that name no class belong to this one")
@AdditionalPrinterColumn(
    name = "Rank",
    jsonPath = ".status.rank",
    type = AdditionalPrinterColumn.Type.INTEGER,
    getDescription = "Order by price; 0 is the cheapest class")
@AdditionalPrinterColumn(
    name = "Policy",
    jsonPath = ".spec.cpu.policy",
    type = AdditionalPrinterColumn.Type.STRING,
    getDescription = "How nodes enforce the class on their CPUs")
@AdditionalPrinterColumn(
    name = "Functions",
    jsonPath = ".status.functions",
    type = AdditionalPrinterColumn.Type.INTEGER,
    getDescription = "Functions of this class")
@AdditionalPrinterColumn(
    name = "Instances",
    jsonPath = ".status.instances",
    type = AdditionalPrinterColumn.Type.INTEGER,
    getDescription = "Instances of this class that are placed on a node")
@AdditionalPrinterColumn(
    name = "Queued",
    jsonPath = ".status.queued",
    type = AdditionalPrinterColumn.Type.INTEGER,
    getDescription = "Instances of this class that wait for a node")
@AdditionalPrinterColumn(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE,
    getDescription = "Time since it was created")
public class PriceClass extends CustomResource<PriceClassSpec, PriceClassStatus> {

  /** An empty object, to be filled by setters or by Jackson. */
  public PriceClass() {}
}

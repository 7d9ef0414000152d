package dev.fareway.crds;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * A developer's guard against a bug or an attack that makes functions of a namespace spend too
 * much.
 *
 * <p>The status is written by the operator alone.
 */
@JsonClassDescription(
    "A developer's guard against a bug or an attack that makes functions of a namespace "
        + "spend too much in a month.")
@Group(Fareway.GROUP)
@Version(Fareway.VERSION)
@Kind("Budget")
@Singular("budget")
@Plural("budgets")
@ShortNames("bud")
@Categories(Fareway.CATEGORY)
@AdditionalPrinterColumn(
    name = "Limit",
    jsonPath = ".spec.monthlyLimit",
    type = AdditionalPrinterColumn.Type.STRING,
    getDescription = "Most that may be spent in a month, in the cluster's currency unit")
@AdditionalPrinterColumn(
    name = "Spent",
    jsonPath = ".status.spent",
    type = AdditionalPrinterColumn.Type.STRING,
    getDescription = "Spent so far this month")
@AdditionalPrinterColumn(
    name = "Forecast",
    jsonPath = ".status.forecast",
    type = AdditionalPrinterColumn.Type.STRING,
    getDescription = "Expected by the end of the month at the recent pace")
@AdditionalPrinterColumn(
    name = "State",
    jsonPath = ".status.state",
    type = AdditionalPrinterColumn.Type.STRING,
    getDescription = "Within, Ahead or Exhausted")
@AdditionalPrinterColumn(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE,
    getDescription = "Time since it was created")
public class Budget extends CustomResource<BudgetSpec, BudgetStatus> implements Namespaced {

  /** An empty object, to be filled by setters or by Jackson. */
  public Budget() {}
}

package dev.fareway.crds;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * What the functions of one namespace used in one past month, over all nodes: what is kept of that
 * month's {@link NodeUsage} objects.
 *
 * <p>Written by the operator alone, once. Cluster-scoped, so that it outlives its namespace.
 */
@JsonClassDescription(
    "What the functions of one namespace used in one past month, over all nodes. Written once, when the "
        + "month is over; kept for 13 months.")
@Group(Fareway.GROUP)
@Version(Fareway.VERSION)
@Kind("UsageReport")
@Singular("usagereport")
@Plural("usagereports")
@ShortNames("ur")
@Categories(Fareway.CATEGORY)
@AdditionalPrinterColumn(
    name = "Namespace",
    jsonPath = ".spec.namespace",
    type = AdditionalPrinterColumn.Type.STRING,
    getDescription = "The namespace of the functions")
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
public class UsageReport extends CustomResource<UsageReportSpec, UsageReportStatus> {

  /** An empty object, to be filled by setters or by Jackson. */
  public UsageReport() {}

  /** The name of an object: {@code 2026-11.shop}, with further pages {@code 2026-11.shop.1}. */
  public static String nameOf(String month, String namespace, int page) {
    return month + "." + namespace + (page == 0 ? "" : "." + page);
  }
}

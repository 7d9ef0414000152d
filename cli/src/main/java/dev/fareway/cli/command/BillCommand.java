package dev.fareway.cli.command;

import dev.fareway.cli.cluster.ClusterFailure;
import dev.fareway.cli.cluster.ClusterReader;
import dev.fareway.cli.view.Bill;
import dev.fareway.cli.view.Metering;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

@Command(
    name = "bill",
    header = "What each function cost in a month, in which class, and how much of it was memory.",
    description = {
      "",
      "Months are in UTC. The month that is not over yet is billed up to what nodes last wrote: half a minute ago,"
          + " or up to five for what grew by less than a thousandth since. Past months are kept for 13 months. All amounts are exact, in the cluster's"
          + " currency unit: the lines of a namespace add up to its cost, and those to the total.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  kubectl fareway bill                                  this month so far, all namespaces",
      "  kubectl fareway bill --month 2026-11 --namespace shop",
      "  kubectl fareway bill --month 2026-11 -o csv > bill.csv"
    })
final class BillCommand extends ClusterCommand {
  /** So many days after the end of a month nodes may write of it. */
  private static final int WRITTEN_DAYS = 3;

  private enum Format {
    table,
    json,
    csv
  }

  @Option(
      names = {"-m", "--month"},
      paramLabel = "YYYY-MM",
      converter = MonthConverter.class,
      description = "The month, such as 2026-11. Default: the current one.")
  private @Nullable YearMonth month;

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAME",
      description = "Only this namespace. Default: all, since a bill is of the whole cluster.")
  private @Nullable String namespace;

  @Option(
      names = {"-A", "--all-namespaces"},
      description = "All namespaces: the default, for who is used to write it.")
  private boolean all;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "table, json or csv. Default: ${DEFAULT-VALUE}.")
  private Format output = Format.table;

  BillCommand(Surroundings surroundings) {
    super(surroundings);
  }

  @Override
  String print(ClusterReader cluster) {
    YearMonth current = YearMonth.now(surroundings().clock().withZone(ZoneOffset.UTC));
    YearMonth of = month == null ? current : month;
    Optional<String> only = all ? Optional.empty() : Optional.ofNullable(namespace);
    var metering = new Metering(of, only);
    try {
      cluster.list(Reads.OURS + "nodeusages", metering::nodeUsage);
      if (of.isBefore(current)) {
        cluster.list(Reads.OURS + "usagereports", metering::usageReport);
      }
    } catch (ClusterFailure e) {
      if (e.kind() == ClusterFailure.Kind.NOT_ALLOWED) {
        throw new ClusterFailure(
            e.kind(),
            e.sentence()
                + " Bills are made from what nodes wrote for the whole cluster; a namespace's own spending is in the status of its budgets (kubectl get budgets).");
      }
      throw e;
    }
    Bill bill = metering.bill();
    if (of.isAfter(current)) {
      note("The month %s has not begun.".formatted(of));
    } else if (of.equals(current)) {
      note("The month %s is not over: this is what it cost so far.".formatted(of));
    } else if (surroundings().clock().instant().isBefore(closed(of))) {
      note(
          "Nodes that were cut off may charge to %s until the end of %s: it may still come to more."
              .formatted(of, closed(of).atZone(ZoneOffset.UTC).toLocalDate().minusDays(1)));
    }
    if (bill.lines().isEmpty() && !of.isAfter(current)) {
      note(
          "Nothing was used in %s%s, or it is more than 13 months ago."
              .formatted(of, only.map(name -> " in namespace " + name).orElse("")));
    }
    return switch (output) {
      case table -> bill.table();
      case json -> bill.json();
      case csv -> bill.csv();
    };
  }

  /** From when on nodes write nothing of a month any more. */
  private static Instant closed(YearMonth month) {
    return month
        .plusMonths(1)
        .atDay(1)
        .plusDays(WRITTEN_DAYS)
        .atStartOfDay(ZoneOffset.UTC)
        .toInstant();
  }

  /** Reads a month. */
  static final class MonthConverter implements ITypeConverter<YearMonth> {
    MonthConverter() {}

    @Override
    public YearMonth convert(String value) {
      try {
        return YearMonth.parse(value);
      } catch (DateTimeException e) {
        throw new TypeConversionException(
            "'%s' is no month; write one such as 2026-11".formatted(value));
      }
    }
  }
}

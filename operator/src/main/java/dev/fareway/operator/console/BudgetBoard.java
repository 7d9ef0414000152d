package dev.fareway.operator.console;

import dev.fareway.crds.Budget;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * The budgets, read from the API server while somebody looks: nothing is kept of them otherwise.
 */
final class BudgetBoard {
  private static final long MOST = 500;

  private final KubernetesClient client;

  /**
   * Budgets as they were read.
   *
   * @param leftOut how many more there are
   */
  record Read(List<ConsoleState.BudgetState> budgets, long leftOut) {}

  BudgetBoard(KubernetesClient client) {
    this.client = client;
  }

  /**
   * Reads them, in one request.
   *
   * @throws io.fabric8.kubernetes.client.KubernetesClientException if the API server does not
   *     answer
   */
  Read read(Instant now) {
    var list =
        client
            .resources(Budget.class)
            .inAnyNamespace()
            .list(new ListOptionsBuilder().withLimit(MOST).build());
    Long more = list.getMetadata() == null ? null : list.getMetadata().getRemainingItemCount();
    return new Read(
        list.getItems().stream().map(budget -> BudgetFigures.of(budget, now)).toList(),
        Objects.requireNonNullElse(more, 0L));
  }
}

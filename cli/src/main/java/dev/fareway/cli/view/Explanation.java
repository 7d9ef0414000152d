package dev.fareway.cli.view;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fareway.cli.output.Amounts;
import dev.fareway.cli.output.Json;
import dev.fareway.cli.output.Table;
import dev.fareway.cli.output.Table.Column;
import dev.fareway.crds.Fareway;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Why a pod is where it is, or why it waits.
 *
 * @param effective the class that it runs in
 * @param verdict the answer in a sentence
 * @param advice what the user can do, a sentence each
 * @param events newest first
 */
public record Explanation(
    PodFacts pod,
    ClassChoice choice,
    String effective,
    PriceList prices,
    List<BudgetFacts> budgets,
    Optional<NodeFacts> node,
    List<EventFacts> events,
    State state,
    String verdict,
    List<String> advice,
    Instant now) {
  private static final int MOST_EVENTS = 10;
  private static final String INDENT = "  ";

  /** Where a pod stands. */
  public enum State {
    NO_FUNCTION("NotAFunction"),
    WAITING("Waiting"),
    PROMISED("Promised"),
    HELD_BACK("HeldBack"),
    PLACED("Placed"),
    ENDING("Ending"),
    ENDED("Ended");

    private final String word;

    State(String word) {
      this.word = word;
    }

    /** As JSON has it. */
    public String word() {
      return word;
    }
  }

  /**
   * What the pod's node says of enforcement.
   *
   * @param reason RealTime, Weighted, Off, Unavailable; empty: no daemon has said anything
   */
  public record NodeFacts(String name, boolean isEnforced, String reason, String message) {
    /** Reads a Node. */
    public static NodeFacts read(JsonNode node) {
      JsonNode condition = Facts.condition(node, "FarewayEnforcement");
      return new NodeFacts(
          Facts.text(node, "metadata", "name"),
          Facts.text(condition, "status").equals("True"),
          Facts.text(condition, "reason"),
          Facts.text(condition, "message"));
    }
  }

  /** Keeps copies. */
  public Explanation {
    budgets = List.copyOf(budgets);
    events = List.copyOf(events);
    advice = List.copyOf(advice);
  }

  /**
   * Works it out.
   *
   * @param namespace what the pod's namespace says
   * @param budgets those of the namespace that select the pod
   * @param node where the pod is, if it is anywhere and may be read
   * @param operatorReady how many replicas of the operator are ready; empty: it is not known
   */
  public static Explanation of(
      PodFacts pod,
      NamespaceFacts namespace,
      PriceList prices,
      List<BudgetFacts> budgets,
      Optional<NodeFacts> node,
      List<EventFacts> events,
      Optional<Integer> operatorReady,
      Instant now) {
    ClassChoice choice = ClassChoice.of(pod, namespace, prices);
    State state = state(pod);
    var advice = new ArrayList<String>();
    String verdict = verdict(pod, choice, state, events, operatorReady, advice);
    if (state != State.NO_FUNCTION && state != State.ENDED) {
      advise(pod, choice, state, prices, budgets, node, advice);
    }
    return new Explanation(
        pod,
        choice,
        choice.effective(pod.annotations(), prices),
        prices,
        budgets,
        node,
        events.stream()
            .sorted(
                Comparator.comparing(
                    (EventFacts of) -> of.time().orElse(Instant.EPOCH), Comparator.reverseOrder()))
            .limit(MOST_EVENTS)
            .toList(),
        state,
        verdict,
        advice,
        now);
  }

  private static State state(PodFacts pod) {
    if (!pod.isFunction()) {
      return State.NO_FUNCTION;
    }
    if (pod.hasEnded()) {
      return State.ENDED;
    }
    if (pod.isEnding()) {
      return State.ENDING;
    }
    if (pod.isPlaced()) {
      return State.PLACED;
    }
    if (pod.gated()) {
      return State.HELD_BACK;
    }
    return pod.nominatedNode().isEmpty() ? State.WAITING : State.PROMISED;
  }

  private static String verdict(
      PodFacts pod,
      ClassChoice choice,
      State state,
      List<EventFacts> events,
      Optional<Integer> operatorReady,
      List<String> advice) {
    return switch (state) {
      case NO_FUNCTION -> {
        advice.add(
            "To make it a function's, set the annotation %s on its template (kubectl get priceclasses lists the classes)."
                .formatted(Fareway.PRICE_CLASS));
        yield "It is no instance of a function: it names no price class, and the scheduler '%s' places it."
            .formatted(pod.schedulerName());
      }
      case ENDED -> "It has ended (%s).".formatted(pod.phase());
      case ENDING -> ending(pod, events);
      case PLACED ->
          pod.schedulerName().equals(Fareway.SCHEDULER_NAME)
              ? "It is on node %s, where the scheduler fareway has placed it.".formatted(pod.node())
              : "It is on node %s, where the scheduler '%s' has placed it; its class is enforced there all the same."
                  .formatted(pod.node(), pod.schedulerName());
      case HELD_BACK ->
          "It is held back by its scheduling gates (spec.schedulingGates): no scheduler may place it until they are removed.";
      case PROMISED ->
          "Node %s is promised to it: it is placed there as soon as cheaper instances have left. %s"
              .formatted(pod.nominatedNode(), pod.scheduledMessage())
              .strip();
      case WAITING -> waiting(pod, choice, operatorReady, advice);
    };
  }

  private static String ending(PodFacts pod, List<EventFacts> events) {
    Optional<EventFacts> why =
        events.stream()
            .filter(
                event ->
                    List.of("Preempted", "EvictedForMemory", "KilledForMemory", "Evicted")
                        .contains(event.reason()))
            .max(Comparator.comparing(of -> of.time().orElse(Instant.EPOCH)));
    return why.map(event -> "It was asked to end: %s".formatted(event.message()))
        .orElse("It was asked to end%s.".formatted(pod.isPlaced() ? " on node " + pod.node() : ""));
  }

  private static String waiting(
      PodFacts pod, ClassChoice choice, Optional<Integer> operatorReady, List<String> advice) {
    if (!pod.schedulerName().equals(Fareway.SCHEDULER_NAME)) {
      return "It waits for the scheduler '%s', not for fareway.%s"
          .formatted(
              pod.schedulerName(),
              pod.scheduledMessage().isEmpty() ? "" : " That says: " + pod.scheduledMessage());
    }
    if (!choice.exists()) {
      return "It waits because its price class can't be told: %s"
          .formatted(
              choice.priceClass().isEmpty()
                  ? "there is no PriceClass in this cluster."
                  : "there is no PriceClass '%s'.".formatted(choice.priceClass()));
    }
    if (operatorReady.isPresent() && operatorReady.get() == 0) {
      advice.add(
          "No replica of Fareway's operator is ready, and nobody else places this pod: look at kubectl get pods -A -l app.kubernetes.io/part-of=fareway.");
    }
    if (!pod.scheduledMessage().isEmpty()) {
      return "It waits: " + pod.scheduledMessage();
    }
    return "It waits for its turn: nothing has yet been said of why.";
  }

  private static void advise(
      PodFacts pod,
      ClassChoice choice,
      State state,
      PriceList prices,
      List<BudgetFacts> budgets,
      Optional<NodeFacts> node,
      List<String> advice) {
    if (!choice.exists()) {
      advice.add(
          prices.dearestFirst().isEmpty()
              ? "Ask the provider of the cluster to create price classes."
              : "Set the annotation %s to one of: %s."
                  .formatted(
                      Fareway.PRICE_CLASS,
                      String.join(
                          ", ", prices.dearestFirst().stream().map(PricedClass::name).toList())));
    }
    for (BudgetFacts budget : budgets) {
      if (budget.isInForce()) {
        advice.add(
            "Raise spec.monthlyLimit of budget %s, or wait for the month to turn, and %s ends."
                .formatted(budget.name(), budget.action()));
      }
    }
    if (pod.isPlaced() && node.isPresent() && !node.get().isEnforced()) {
      advice.add(
          node.get().reason().isEmpty()
              ? "No node daemon has said anything on node %s: its class is not enforced there. Is the DaemonSet's pod there ready?"
                  .formatted(node.get().name())
              : "Its class is not enforced on node %s: %s"
                  .formatted(node.get().name(), node.get().message()));
    }
    if (state == State.WAITING
        && choice.exists()
        && pod.scheduledReason().equals("Unschedulable")
        && budgets.stream().noneMatch(BudgetFacts::isInForce)
        && prices.rank(choice.priceClass()) < prices.dearestFirst().size() - 1) {
      advice.add("A dearer class goes first, and may have cheaper instances evicted.");
    }
  }

  /** As text. */
  public String text() {
    var text = new StringBuilder();
    line(text, "", "Pod %s, an instance of function %s.".formatted(pod.key(), pod.function()));
    line(text, "", verdict);
    text.append('\n');
    if (state != State.NO_FUNCTION) {
      section(text, "Class", classWords());
      if (!effective.equals(choice.priceClass())) {
        section(
            text, "", "runs in %s, because a budget has lowered it".formatted(priced(effective)));
      }
    }
    section(text, "Created", ago(pod.created()));
    section(
        text,
        "Placed",
        pod.isPlaced()
            ? "on %s, %s".formatted(pod.node(), ago(pod.scheduled()))
            : pod.scheduledReason().isEmpty() ? "not yet" : "not yet: " + pod.scheduledReason());
    if (!pod.nominatedNode().isEmpty() && !pod.isPlaced()) {
      section(text, "Promised", pod.nominatedNode());
    }
    section(text, "Scheduler", pod.schedulerName());
    if (!pod.priorityClassName().isEmpty()) {
      section(text, "Eviction", "by the kubelet in the order of " + pod.priorityClassName());
    }
    node.ifPresent(of -> section(text, "Enforced", enforcement(of)));
    for (BudgetFacts budget : budgets) {
      section(text, "Budget", budgetWords(budget));
    }
    if (!prices.dearestFirst().isEmpty()) {
      text.append('\n').append(ranks());
    }
    if (!events.isEmpty()) {
      text.append('\n').append(eventTable());
    }
    if (!advice.isEmpty()) {
      text.append("\nWhat you can do:\n");
      advice.forEach(of -> line(text, INDENT + "- ", of));
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String before, String words) {
    text.append(before).append(Table.plain(words)).append('\n');
  }

  private static void section(StringBuilder text, String heading, String words) {
    text.append(INDENT).append(heading).append(" ".repeat(12 - heading.length()));
    line(text, "", words);
  }

  private String classWords() {
    if (choice.priceClass().isEmpty()) {
      return "none, " + choice.source().words();
    }
    return choice.exists()
        ? "%s, %s".formatted(priced(choice.priceClass()), choice.source().words())
        : "%s, which does not exist, %s".formatted(choice.priceClass(), choice.source().words());
  }

  private String priced(String name) {
    return prices
        .of(name)
        .map(
            of ->
                "%s (%s, rank %d of 0 to %d)"
                    .formatted(name, of.price(), of.rank(), prices.dearestFirst().size() - 1))
        .orElse(name);
  }

  private String ago(Optional<Instant> time) {
    return time.map(of -> "%s ago (%s)".formatted(Amounts.age(Duration.between(of, now)), of))
        .orElse("nobody says when");
  }

  private static String enforcement(NodeFacts of) {
    return of.reason().isEmpty()
        ? "no daemon has said anything on node " + of.name()
        : "%s%s: %s".formatted(of.isEnforced() ? "" : "not, ", of.reason(), of.message());
  }

  private static String budgetWords(BudgetFacts of) {
    if (of.state().isEmpty()) {
      return "%s: limit %s; the operator has not judged it yet".formatted(of.name(), of.limit());
    }
    String action =
        switch (of.action()) {
          case "Degrade" -> "; Degrade is in force: it runs in %s".formatted(of.degradeTo());
          case "Throttle" -> "; Throttle is in force: new instances wait, running ones are slowed";
          default -> "; nothing is in force";
        };
    return "%s: %s, %s of %s spent in %s%s"
        .formatted(of.name(), of.state(), of.spent(), of.limit(), of.period(), action);
  }

  private String ranks() {
    var table =
        new Table(
            List.of(
                Column.text("CLASS"),
                Column.number("RANK"),
                Column.number("PRICE PER CPU SECOND"),
                Column.text("")));
    for (PricedClass of : prices.dearestFirst()) {
      table.add(
          of.name(),
          Integer.toString(of.rank()),
          of.price().toQuantity().toString(),
          of.name().equals(effective) && state != State.NO_FUNCTION
              ? "this pod"
              : of.isDefault() ? "the default" : "");
    }
    return table.render();
  }

  private String eventTable() {
    var table =
        new Table(
            List.of(
                Column.text("LAST SEEN"),
                Column.text("TYPE"),
                Column.text("REASON"),
                Column.text("FROM"),
                Column.text("MESSAGE")));
    for (EventFacts event : events) {
      table.add(
          event.time().map(of -> Amounts.age(Duration.between(of, now))).orElse("-")
              + (event.count() > 1 ? " (x" + event.count() + ")" : ""),
          event.type(),
          event.reason(),
          event.from(),
          event.message());
    }
    return table.render();
  }

  /** As JSON. */
  public String json() {
    ObjectNode root = Json.object();
    root.put("namespace", pod.namespace());
    root.put("pod", pod.name());
    root.put("function", pod.function());
    root.put("state", state.word());
    root.put("verdict", verdict);
    ObjectNode of = root.putObject("priceClass");
    of.put("name", choice.priceClass());
    of.put("exists", choice.exists());
    of.put("source", choice.source().name());
    of.put("effective", effective);
    prices
        .of(effective)
        .ifPresent(
            priced -> {
              of.put("pricePerCpuSecond", priced.price().toQuantity().toString());
              of.put("rank", priced.rank());
            });
    root.put("schedulerName", pod.schedulerName());
    root.put("priorityClassName", pod.priorityClassName());
    root.put("node", pod.node());
    root.put("nominatedNode", pod.nominatedNode());
    pod.created().ifPresent(time -> root.put("created", time.toString()));
    pod.scheduled().ifPresent(time -> root.put("scheduled", time.toString()));
    if (!pod.isPlaced()) {
      ObjectNode condition = root.putObject("podScheduled");
      condition.put("reason", pod.scheduledReason());
      condition.put("message", pod.scheduledMessage());
    }
    node.ifPresent(
        facts -> {
          ObjectNode enforcement = root.putObject("enforcement");
          enforcement.put("inForce", facts.isEnforced());
          enforcement.put("reason", facts.reason().isEmpty() ? "NoDaemon" : facts.reason());
          enforcement.put("message", facts.message());
        });
    ArrayNode budgetNodes = root.putArray("budgets");
    for (BudgetFacts budget : budgets) {
      ObjectNode entry = budgetNodes.addObject();
      entry.put("name", budget.name());
      entry.put("state", budget.state());
      entry.put("action", budget.action());
      entry.put("spent", budget.spent());
      entry.put("monthlyLimit", budget.limit());
      entry.put("period", budget.period());
    }
    ArrayNode classes = root.putArray("priceClasses");
    for (PricedClass priced : prices.dearestFirst()) {
      ObjectNode entry = classes.addObject();
      entry.put("name", priced.name());
      entry.put("rank", priced.rank());
      entry.put("pricePerCpuSecond", priced.price().toQuantity().toString());
      entry.put("default", priced.isDefault());
    }
    ArrayNode eventNodes = root.putArray("events");
    for (EventFacts event : events) {
      ObjectNode entry = eventNodes.addObject();
      event.time().ifPresent(time -> entry.put("time", time.toString()));
      entry.put("type", event.type());
      entry.put("reason", event.reason());
      entry.put("from", event.from());
      entry.put("message", event.message());
      entry.put("count", event.count());
    }
    ArrayNode adviceNodes = root.putArray("advice");
    advice.forEach(adviceNodes::add);
    return Json.render(root);
  }
}

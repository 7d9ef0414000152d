package dev.fareway.crds;

/** Names that every part of Fareway and every user's manifest share. */
public final class Fareway {

  /** API group of all custom resources; also the prefix of annotations and labels. */
  public static final String GROUP = "fareway.dev";

  /** API version of all custom resources. */
  public static final String VERSION = "v1alpha1";

  /**
   * Key of the annotation by which a function names its {@link PriceClass}, and of the label that
   * repeats it on the function's pods so that they can be selected by class.
   */
  public static final String PRICE_CLASS = GROUP + "/price-class";

  /**
   * Key of the annotation by which the operator tells node daemons what budgets say of a pod:
   * {@link #THROTTLE} and how much CPU it may use, as {@code 100m}, or {@link #DEGRADE} and the
   * name of a price class; see {@link BudgetMark}. Not there: nothing.
   */
  public static final String BUDGET = GROUP + "/budget";

  /** The pod runs in the cheapest class, and no quicker than what follows. */
  public static final String THROTTLE = "Throttle=";

  /** The pod runs in the class of the name that follows, if its own is dearer. */
  public static final String DEGRADE = "Degrade=";

  /** Key of the label by which a {@link UsageReport} is found by its month. */
  public static final String MONTH = GROUP + "/month";

  /** The {@code schedulerName} of pods that Fareway places. */
  public static final String SCHEDULER_NAME = "fareway";

  /** Category of all custom resources: {@code kubectl get fareway} lists them. */
  public static final String CATEGORY = "fareway";

  private Fareway() {}
}

package dev.fareway.simulator;

/** Independent results of one quantity: their mean, and how far off it may be. */
public final class Samples {
  private int count;
  private double mean;
  private double squares;

  public void add(double value) {
    count++;
    double delta = value - mean;
    mean += delta / count;
    squares += delta * (value - mean);
  }

  public double mean() {
    return mean;
  }

  /** Half the width of the 99.9% confidence interval, for about 20 samples (Student's t: 3.88). */
  public double margin() {
    return 3.88 * Math.sqrt(squares / (count - 1) / count);
  }
}
